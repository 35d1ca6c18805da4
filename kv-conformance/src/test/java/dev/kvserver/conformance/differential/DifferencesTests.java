package dev.kvserver.conformance.differential;

import java.util.List;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest.SortOrder;
import dev.kvserver.proto.etcdserverpb.RangeRequest.SortTarget;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.ResponseOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.mvccpb.KeyValue;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The comparison sees what it has to see, and is blind only where it is meant to be.
 */
class DifferencesTests {

	private static final RangeRequest ALL = RangeRequest.newBuilder()
		.setKey(bytes("a"))
		.setRangeEnd(bytes("z"))
		.build();

	private static final RangeRequest BY_VERSION = ALL.toBuilder()
		.setSortOrder(SortOrder.DESCEND)
		.setSortTarget(SortTarget.VERSION)
		.build();

	@Test
	void otherRevisionIsSeen() {
		PutResponse left = put(ResponseHeader.newBuilder().setRevision(5));
		PutResponse right = put(ResponseHeader.newBuilder().setRevision(6));
		assertThat(Differences.between(List.of(left), List.of(right))).containsExactly("[0].header.revision: 5 | 6");
	}

	@Test
	void idsOfTwoClustersMayDifferButNotBeAbsent() {
		PutResponse left = put(ResponseHeader.newBuilder().setClusterId(1).setMemberId(-2).setRaftTerm(3));
		PutResponse right = put(ResponseHeader.newBuilder().setClusterId(7).setMemberId(8).setRaftTerm(9));
		PutResponse without = put(ResponseHeader.newBuilder().setClusterId(7).setMemberId(8));
		assertThat(Differences.between(List.of(left), List.of(right))).isEmpty();
		assertThat(Differences.between(List.of(left), List.of(without))).containsExactly("[0].header.raft_term: 1 | 0");
	}

	@Test
	void emptyHeaderIsNotAnAbsentHeader() {
		assertThat(Differences.between(List.of(put(ResponseHeader.newBuilder())),
				List.of(PutResponse.getDefaultInstance())))
			.containsExactly("[0].header: set | absent");
	}

	@Test
	void unknownFieldIsSeen() {
		PutResponse left = PutResponse.newBuilder()
			.setUnknownFields(UnknownFieldSet.newBuilder()
				.addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
				.build())
			.build();
		assertThat(Differences.between(List.of(left), List.of(PutResponse.getDefaultInstance()))).hasSize(1);
	}

	@Test
	void codeTextAndNumberOfMessagesAreSeen() {
		Call call = Call.of(KVGrpc.getRangeMethod(), ALL);
		Outcome left = new Outcome(List.of(), Status.Code.UNKNOWN, "a");
		Outcome right = new Outcome(List.of(range(kv("a", 1))), Status.Code.OK, "");
		assertThat(Differences.between(call, left, right)).hasSize(4)
			.startsWith("code: UNKNOWN | OK", "text: a | ", "size: 0 | 1");
	}

	@Test
	void orderOfKeysWithoutTiesIsSeen() {
		assertThat(differences(ALL, range(kv("a", 1), kv("b", 1)), range(kv("b", 1), kv("a", 1)))).isNotEmpty();
	}

	@Test
	void orderOfTiesIsOpen() {
		assertThat(differences(BY_VERSION, range(kv("c", 2), kv("a", 1), kv("b", 1)),
				range(kv("c", 2), kv("b", 1), kv("a", 1))))
			.isEmpty();
	}

	@Test
	void contentOfTiesIsSeen() {
		assertThat(differences(BY_VERSION, range(kv("c", 2), kv("a", 1)), range(kv("c", 2), kv("b", 1)))).isNotEmpty();
	}

	@Test
	void whichOfTheTiesALimitLeavesIsOpen() {
		RangeResponse left = range(kv("c", 2), kv("a", 1)).toBuilder().setMore(true).build();
		RangeResponse right = range(kv("c", 2), kv("b", 1)).toBuilder().setMore(true).build();
		RangeResponse other = range(kv("d", 2), kv("b", 1)).toBuilder().setMore(true).build();
		assertThat(differences(BY_VERSION, left, right)).isEmpty();
		assertThat(differences(BY_VERSION, left, other)).isNotEmpty();
	}

	@Test
	void answerThatIsNotSortedIsSeenEvenWhenBothAreWrong() {
		RangeResponse wrong = range(kv("a", 1), kv("c", 2));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> differences(BY_VERSION, wrong, wrong));
	}

	@Test
	void tiesAreResolvedInsideTransactions() {
		TxnRequest inner = TxnRequest.newBuilder()
			.addFailure(RequestOp.newBuilder().setRequestRange(BY_VERSION))
			.build();
		TxnRequest outer = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestTxn(inner)).build();
		assertThat(differences(outer, nested(kv("a", 1), kv("b", 1)), nested(kv("b", 1), kv("a", 1)))).isEmpty();
		assertThat(differences(outer, nested(kv("a", 1), kv("b", 1)), nested(kv("c", 1), kv("a", 1)))).isNotEmpty();
	}

	@Test
	void secondsLeftMayDifferButNotWhetherThereAreAny() {
		LeaseTimeToLiveResponse left = LeaseTimeToLiveResponse.newBuilder().setGrantedTTL(5000).setTTL(4999).build();
		LeaseTimeToLiveResponse right = left.toBuilder().setTTL(4997).build();
		LeaseTimeToLiveResponse expired = left.toBuilder().setTTL(-1).build();
		assertThat(Differences.between(List.of(left), List.of(right))).isEmpty();
		assertThat(Differences.between(List.of(left), List.of(expired))).isNotEmpty();
	}

	@Test
	void keysOfALeaseHaveNoOrder() {
		LeaseTimeToLiveResponse left = LeaseTimeToLiveResponse.newBuilder()
			.addKeys(bytes("a"))
			.addKeys(bytes("b"))
			.build();
		LeaseTimeToLiveResponse right = LeaseTimeToLiveResponse.newBuilder()
			.addKeys(bytes("b"))
			.addKeys(bytes("a"))
			.build();
		assertThat(Differences.between(List.of(left), List.of(right))).isEmpty();
		assertThat(Differences.between(List.of(left), List.of(left.toBuilder().addKeys(bytes("c")).build())))
			.isNotEmpty();
	}

	private static List<String> differences(Message request, Message left, Message right) {
		Call call = new Call(KVGrpc.getRangeMethod(), List.of(request));
		return Differences.between(call, new Outcome(List.of(left), Status.Code.OK, ""),
				new Outcome(List.of(right), Status.Code.OK, ""));
	}

	private static TxnResponse nested(KeyValue... kvs) {
		TxnResponse inner = TxnResponse.newBuilder()
			.addResponses(ResponseOp.newBuilder().setResponseRange(range(kvs)))
			.build();
		return TxnResponse.newBuilder()
			.setSucceeded(true)
			.addResponses(ResponseOp.newBuilder().setResponseTxn(inner))
			.build();
	}

	private static PutResponse put(ResponseHeader.Builder header) {
		return PutResponse.newBuilder().setHeader(header).build();
	}

	private static RangeResponse range(KeyValue... kvs) {
		return RangeResponse.newBuilder().addAllKvs(List.of(kvs)).setCount(kvs.length).build();
	}

	private static KeyValue kv(String key, long version) {
		return KeyValue.newBuilder().setKey(bytes(key)).setVersion(version).setValue(bytes(key)).build();
	}

	private static ByteString bytes(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
