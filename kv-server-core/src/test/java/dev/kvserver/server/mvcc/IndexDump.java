package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.server.key.Bytes;

/** An index as lists, to be compared. */
final class IndexDump {

	private IndexDump() {
	}

	static List<KeyIndex> states(TreeIndex tree) {
		List<KeyIndex> states = new ArrayList<>();
		TreeIndex.Cursor cursor = tree.cursor(new byte[0]);
		for (KeyIndex key = cursor.next(); key != null; key = cursor.next()) {
			states.add(key);
		}
		return states;
	}

	/** All states after a compaction: what lies below it may be removed or not. */
	static List<String> compacted(TreeIndex tree, long revision) {
		List<String> texts = new ArrayList<>();
		for (KeyIndex key : states(tree)) {
			KeyIndex left = key.compact(revision);
			if (left != null) {
				texts.add(text(left));
			}
		}
		return texts;
	}

	static String text(KeyIndex key) {
		StringBuilder text = new StringBuilder(Bytes.toText(key.key()));
		for (long number : key.olderPairs()) {
			text.append(' ').append(number);
		}
		return text.append(" now ")
			.append(key.modRevision())
			.append('/')
			.append(key.sub())
			.append(" create ")
			.append(key.createRevision())
			.append(" version ")
			.append(key.version())
			.append(" lease ")
			.append(key.lease())
			.toString();
	}

}
