package dev.kvserver.conformance.kill;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.history.Dice;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.Event.EventType;

/**
 * One request that writes: it puts some keys, all to a value that no other write has, and
 * deletes some others. Sent as a transaction.
 *
 * @param number what makes the value unique
 * @param putKeys the keys it puts, in order
 * @param deletedKeys the keys it deletes before, where they exist
 */
record Write(long number, List<ByteString> putKeys, List<ByteString> deletedKeys) {

	private static final int KEYS = 24;

	/** Makes up a write: mostly one put. */
	static Write random(Dice dice, long number) {
		List<ByteString> keys = distinctKeys(dice);
		int kind = dice.below(10);
		if (kind < 6) {
			return new Write(number, keys.subList(0, 1), List.of());
		}
		if (kind < 7) {
			return new Write(number, List.of(), keys.subList(0, 1));
		}
		return new Write(number, keys.subList(0, 2), keys.subList(2, 4));
	}

	/** The value that this write puts. */
	ByteString value() {
		return ByteString.copyFromUtf8("written by " + this.number);
	}

	/** The request. */
	TxnRequest request() {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		for (ByteString key : this.deletedKeys) {
			DeleteRangeRequest delete = DeleteRangeRequest.newBuilder().setKey(key).build();
			txn.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete));
		}
		for (ByteString key : this.putKeys) {
			PutRequest put = PutRequest.newBuilder().setKey(key).setValue(value()).build();
			txn.addSuccess(RequestOp.newBuilder().setRequestPut(put));
		}
		return txn.build();
	}

	/** Whether the events of one revision can be what this write did, all of it. */
	boolean explains(List<Event> events) {
		List<ByteString> put = new ArrayList<>();
		for (Event event : events) {
			if (event.getType() == EventType.DELETE) {
				if (!this.deletedKeys.contains(event.getKv().getKey()) || !put.isEmpty()) {
					return false;
				}
			}
			else if (event.getKv().getValue().equals(value())) {
				put.add(event.getKv().getKey());
			}
			else {
				return false;
			}
		}
		return put.equals(this.putKeys);
	}

	private static List<ByteString> distinctKeys(Dice dice) {
		int first = dice.below(KEYS);
		List<ByteString> keys = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			keys.add(ByteString.copyFromUtf8("key" + (first + 5 * i) % KEYS));
		}
		return keys;
	}

}
