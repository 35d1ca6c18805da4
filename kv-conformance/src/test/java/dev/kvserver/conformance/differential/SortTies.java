package dev.kvserver.conformance.differential;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest.SortOrder;
import dev.kvserver.proto.etcdserverpb.RangeRequest.SortTarget;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RangeStreamResponse;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.ResponseOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.mvccpb.KeyValue;

/**
 * Takes out of an answer what etcd leaves open: the order of keys that are equal in what
 * a range is sorted by, since etcd's sort is not stable.
 *
 * <p>
 * Equal keys are put into key order. Where a limit has cut the answer, any of the keys
 * equal to the last one may have been kept, so that only their number and what they are
 * sorted by is compared:
 *
 * <pre>
 * sorted by version, limit 3, more:   b:1 a:1 d:2   ->   a:1 b:1 ?:2
 * </pre>
 *
 * Sorted by value but with keys only, all keys look equal, and only their set is
 * compared.
 */
final class SortTies {

	private static final ByteString ANY = ByteString.copyFromUtf8("?");

	private SortTies() {
	}

	/** The answer with ties resolved, wherever it contains the answer to a range. */
	static Message resolved(Message request, Message response) {
		if (request instanceof RangeRequest range && response instanceof RangeResponse answer) {
			return resolved(range, answer);
		}
		if (request instanceof RangeRequest range && response instanceof RangeStreamResponse piece) {
			return piece.toBuilder().setRangeResponse(resolved(range, piece.getRangeResponse())).build();
		}
		if (request instanceof TxnRequest txn && response instanceof TxnResponse answer) {
			return resolved(txn, answer);
		}
		return response;
	}

	private static TxnResponse resolved(TxnRequest request, TxnResponse response) {
		List<RequestOp> branch = response.getSucceeded() ? request.getSuccessList() : request.getFailureList();
		if (branch.size() != response.getResponsesCount()) {
			return response;
		}
		TxnResponse.Builder resolved = response.toBuilder();
		for (int i = 0; i < branch.size(); i++) {
			RequestOp operation = branch.get(i);
			ResponseOp answer = response.getResponses(i);
			if (operation.hasRequestRange() && answer.hasResponseRange()) {
				RangeResponse range = resolved(operation.getRequestRange(), answer.getResponseRange());
				resolved.setResponses(i, answer.toBuilder().setResponseRange(range));
			}
			if (operation.hasRequestTxn() && answer.hasResponseTxn()) {
				TxnResponse txn = resolved(operation.getRequestTxn(), answer.getResponseTxn());
				resolved.setResponses(i, answer.toBuilder().setResponseTxn(txn));
			}
		}
		return resolved.build();
	}

	private static RangeResponse resolved(RangeRequest request, RangeResponse response) {
		if (request.getSortTarget() == SortTarget.KEY || response.getKvsCount() == 0) {
			return response;
		}
		Comparator<KeyValue> target = target(request.getSortTarget());
		if (request.getSortOrder() == SortOrder.DESCEND) {
			target = target.reversed();
		}
		Comparator<ByteString> bytes = ByteString.unsignedLexicographicalComparator();
		List<KeyValue> kvs = new ArrayList<>();
		KeyValue last = response.getKvs(response.getKvsCount() - 1);
		boolean cut = response.getMore();
		for (KeyValue kv : response.getKvsList()) {
			kvs.add((cut && target.compare(kv, last) == 0) ? blurred(kv, request.getSortTarget()) : kv);
		}
		requireSorted(response, target);
		kvs.sort(target.thenComparing(KeyValue::getKey, bytes));
		return response.toBuilder().clearKvs().addAllKvs(kvs).build();
	}

	private static void requireSorted(RangeResponse response, Comparator<KeyValue> target) {
		for (int i = 1; i < response.getKvsCount(); i++) {
			if (target.compare(response.getKvs(i - 1), response.getKvs(i)) > 0) {
				throw new AssertionError("Answer is not sorted: " + response);
			}
		}
	}

	private static KeyValue blurred(KeyValue kv, SortTarget target) {
		KeyValue.Builder blurred = KeyValue.newBuilder().setKey(ANY);
		return switch (target) {
			case VERSION -> blurred.setVersion(kv.getVersion()).build();
			case CREATE -> blurred.setCreateRevision(kv.getCreateRevision()).build();
			case MOD -> blurred.setModRevision(kv.getModRevision()).build();
			case VALUE -> blurred.setValue(kv.getValue()).build();
			case KEY, UNRECOGNIZED -> kv;
		};
	}

	private static Comparator<KeyValue> target(SortTarget target) {
		return switch (target) {
			case KEY -> Comparator.comparing(KeyValue::getKey, ByteString.unsignedLexicographicalComparator());
			case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
			case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
			case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
			case VALUE -> Comparator.comparing(KeyValue::getValue, ByteString.unsignedLexicographicalComparator());
			case UNRECOGNIZED -> throw new IllegalArgumentException("An answer to an unknown sort target");
		};
	}

}
