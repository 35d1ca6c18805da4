package dev.kvserver.server.apply;

import java.util.Arrays;
import java.util.List;

import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.key.KeyRange;
import dev.kvserver.server.mvcc.KeyIndex;
import dev.kvserver.server.mvcc.TxnRead;

/**
 * The conditions of a txn (etcd-contract section 2.7). All but those on values are
 * answered by the index alone.
 */
final class TxnCompare {

	private TxnCompare() {
	}

	/** Whether all compares hold; none at all do. */
	static boolean allHold(TxnRead txn, List<Compare> compares) {
		for (int i = 0; i < compares.size(); i++) {
			if (!compare(txn, compares.get(i))) {
				return false;
			}
		}
		return true;
	}

	/** Whether all keys of a compare's range, or the absence of any, satisfy it. */
	private static boolean compare(TxnRead txn, Compare compare) {
		txn.noteRange();
		KeyRange range = KeyRange.of(compare.getKey(), compare.getRangeEnd());
		if (range.isSingle()) {
			KeyIndex key = txn.find(range.start());
			return (key != null) ? holds(txn, compare, key) : holdsForAbsent(compare);
		}
		List<KeyIndex> keys = txn.findAll(range);
		for (int i = 0; i < keys.size(); i++) {
			if (!holds(txn, compare, keys.get(i))) {
				return false;
			}
		}
		return !keys.isEmpty() || holdsForAbsent(compare);
	}

	private static boolean holdsForAbsent(Compare compare) {
		return switch (compare.getTarget()) {
			case VALUE -> false;
			case CREATE -> holds(compare, Long.compare(0, compare.getCreateRevision()));
			case MOD -> holds(compare, Long.compare(0, compare.getModRevision()));
			case VERSION -> holds(compare, Long.compare(0, compare.getVersion()));
			case LEASE -> holds(compare, Long.compare(0, compare.getLease()));
			case UNRECOGNIZED -> holds(compare, 0);
		};
	}

	private static boolean holds(TxnRead txn, Compare compare, KeyIndex key) {
		return switch (compare.getTarget()) {
			case VALUE -> holds(compare, compareValues(txn, compare, key));
			case CREATE -> holds(compare, Long.compare(key.createRevision(), compare.getCreateRevision()));
			case MOD -> holds(compare, Long.compare(key.modRevision(), compare.getModRevision()));
			case VERSION -> holds(compare, Long.compare(key.version(), compare.getVersion()));
			case LEASE -> holds(compare, Long.compare(key.lease(), compare.getLease()));
			case UNRECOGNIZED -> holds(compare, 0);
		};
	}

	private static int compareValues(TxnRead txn, Compare compare, KeyIndex key) {
		return Arrays.compareUnsigned(Bytes.of(txn.keyValue(key).getValue()), Bytes.of(compare.getValue()));
	}

	private static boolean holds(Compare compare, int order) {
		return switch (compare.getResult()) {
			case EQUAL -> order == 0;
			case NOT_EQUAL -> order != 0;
			case GREATER -> order > 0;
			case LESS -> order < 0;
			case UNRECOGNIZED -> true;
		};
	}

}
