package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

/** A {@link TxnRead} on one state of the index. */
abstract class IndexRead implements TxnRead {

	abstract TreeIndex index();

	abstract Values values();

	@Override
	public @Nullable KeyIndex find(byte[] key) {
		KeyIndex found = index().get(key);
		return (found != null && found.isLive()) ? found : null;
	}

	@Override
	public List<KeyIndex> findAll(KeyRange range) {
		List<KeyIndex> found = new ArrayList<>();
		if (range.isSingle()) {
			KeyIndex key = find(range.start());
			if (key != null) {
				found.add(key);
			}
			return found;
		}
		if (range.isEmpty()) {
			return found;
		}
		TreeIndex.Cursor cursor = index().liveCursor(range.start());
		for (KeyIndex key = cursor.next(); key != null && range.isBelowEnd(key.key()); key = cursor.next()) {
			found.add(key);
		}
		return found;
	}

	@Override
	public KeyValue keyValue(KeyIndex key) {
		return values().keyValue(key);
	}

	@Override
	public RangeResponse.Builder range(RangeRequest request) {
		noteRange();
		return new RangeReader(index(), values(), revision(), compactRevision(), request).read();
	}

}
