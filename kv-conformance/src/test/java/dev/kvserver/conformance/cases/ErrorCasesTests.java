package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.kvserver.conformance.cases.Recorder.Answer;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RequestHeader;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Every error of KV and Lease, with code and text, as the contract's table of errors has
 * it, on both servers. Errors of Watch are responses: see {@link WatchCasesTests}.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ErrorCasesTests {

	private static final ByteString KEY = ByteString.copyFromUtf8("errors");

	private static final ByteString ABSENT = ByteString.copyFromUtf8("absent");

	private static final int KIB = 1024;

	/** The tag and the length of a field of more than 16 KiB. */
	private static final int LARGE_FIELD_BYTES = 4;

	private BothServers servers = new BothServers();

	@BeforeAll
	void write() {
		this.servers.play((server) -> {
			server.put("errors", "1");
			server.put("errors", "2");
			server.compact(3);
			server.ask(LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setID(7).setTTL(5000).build());
		});
	}

	@AfterAll
	void close() {
		this.servers.close();
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("cases")
	void errorHasCodeAndTextOfTheContract(String what, Consumer<Recorder> scenario, Code code, String text) {
		List<Answer> answers = this.servers.play(scenario);
		Answer last = answers.get(answers.size() - 1);
		assertThat(last.outcome().code()).as(what).isEqualTo(code);
		assertThat(last.outcome().text()).as(what).isEqualTo(text);
	}

	static Stream<Arguments> cases() {
		return Stream.of(emptyKeys(), puts(), txns(), revisions(), leases(), sizes(), streams())
			.flatMap((some) -> some);
	}

	private static Stream<Arguments> emptyKeys() {
		String text = "etcdserver: key is not provided";
		RangeRequest range = RangeRequest.newBuilder().setRangeEnd(KEY).build();
		return Stream.of(error("range without key", KVGrpc.getRangeMethod(), range, text),
				error("stream without key", KVGrpc.getRangeStreamMethod(), range, text),
				error("put without key", KVGrpc.getPutMethod(), PutRequest.getDefaultInstance(), text),
				error("delete without key", KVGrpc.getDeleteRangeMethod(), DeleteRangeRequest.getDefaultInstance(),
						text),
				error("range in txn without key", txn(RequestOp.newBuilder().setRequestRange(range)), text),
				error("put in the branch not taken without key",
						TxnRequest.newBuilder()
							.addFailure(RequestOp.newBuilder().setRequestPut(PutRequest.getDefaultInstance()))
							.build(),
						text),
				error("compare without key", TxnRequest.newBuilder().addCompare(Compare.getDefaultInstance()).build(),
						text));
	}

	private static Stream<Arguments> puts() {
		PutRequest put = PutRequest.newBuilder().setKey(ABSENT).build();
		PutRequest value = put.toBuilder().setIgnoreValue(true).setValue(KEY).build();
		PutRequest lease = put.toBuilder().setIgnoreLease(true).setLease(7).build();
		return Stream.of(error("value that is ignored", KVGrpc.getPutMethod(), value, "etcdserver: value is provided"),
				error("lease that is ignored", KVGrpc.getPutMethod(), lease, "etcdserver: lease is provided"),
				error("both", KVGrpc.getPutMethod(), value.toBuilder().mergeFrom(lease).build(),
						"etcdserver: value is provided"),
				error("kept value of an absent key", KVGrpc.getPutMethod(),
						put.toBuilder().setIgnoreValue(true).build(), "etcdserver: key not found"),
				error("kept lease of an absent key", KVGrpc.getPutMethod(),
						put.toBuilder().setIgnoreLease(true).build(), "etcdserver: key not found"),
				error("kept value of an absent key in a txn",
						txn(RequestOp.newBuilder().setRequestPut(put.toBuilder().setIgnoreValue(true))),
						"etcdserver: key not found"),
				arguments("unknown lease", ask(KVGrpc.getPutMethod(), put.toBuilder().setLease(404).build()),
						Code.NOT_FOUND, "etcdserver: requested lease not found"));
	}

	private static Stream<Arguments> txns() {
		String duplicate = "etcdserver: duplicate key given in txn request";
		RequestOp.Builder put = RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(KEY));
		RequestOp.Builder delete = RequestOp.newBuilder()
			.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(ABSENT).setRangeEnd(KEY.concat(KEY)));
		RequestOp.Builder nested = RequestOp.newBuilder().setRequestTxn(txn(put));
		return Stream.of(error("same key put twice", txn(put, put), duplicate),
				error("put before a deletion of its range", txn(put, delete), duplicate),
				error("put behind a deletion of its range", txn(delete, put), duplicate),
				error("nested put and put", txn(nested, put), duplicate),
				error("deletion and nested put", txn(delete, nested), duplicate),
				error("two nested puts", txn(nested, nested), duplicate),
				accepted("two deletions", txn(delete, delete)),
				accepted("nested put and later nested deletion",
						txn(nested, RequestOp.newBuilder().setRequestTxn(txn(delete)))),
				error("operation without request", txn(RequestOp.newBuilder()), "etcdserver: key not found"),
				error("too many operations", many(129, 0), "etcdserver: too many operations in txn request"),
				accepted("as many operations as allowed", many(128, 0)),
				error("too many nested operations", many(128, 1), "etcdserver: too many operations in txn request"),
				accepted("as many nested operations as allowed", many(127, 1)),
				error("too many compares",
						TxnRequest.newBuilder()
							.addAllCompare(
									Stream.generate(() -> Compare.newBuilder().setKey(KEY).build()).limit(129).toList())
							.build(),
						"etcdserver: too many operations in txn request"));
	}

	private static Stream<Arguments> revisions() {
		String compacted = "etcdserver: mvcc: required revision has been compacted";
		String future = "etcdserver: mvcc: required revision is a future revision";
		return Stream.of(1L, 1_000_000L).flatMap((revision) -> {
			String text = (revision == 1) ? compacted : future;
			RangeRequest range = RangeRequest.newBuilder().setKey(KEY).setRevision(revision).build();
			TxnRequest txn = txn(RequestOp.newBuilder().setRequestRange(range));
			RequestOp.Builder put = RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(KEY));
			return Stream.of(outOfRange("range at " + revision, KVGrpc.getRangeMethod(), range, text),
					outOfRange("stream at " + revision, KVGrpc.getRangeStreamMethod(), range, text),
					outOfRange("txn at " + revision, KVGrpc.getTxnMethod(), txn, text),
					outOfRange("write txn at " + revision, KVGrpc.getTxnMethod(),
							txn.toBuilder().addSuccess(put).build(), text),
					outOfRange("compaction at " + revision, KVGrpc.getCompactMethod(),
							CompactionRequest.newBuilder().setRevision(revision).build(), text),
					outOfRange("hash at " + revision, MaintenanceGrpc.getHashKVMethod(),
							HashKVRequest.newBuilder().setRevision(revision).build(), text));
		});
	}

	private static Stream<Arguments> leases() {
		LeaseGrantRequest grant = LeaseGrantRequest.newBuilder().setID(7).setTTL(100).build();
		return Stream.of(
				arguments("lease that exists", ask(LeaseGrpc.getLeaseGrantMethod(), grant), Code.FAILED_PRECONDITION,
						"etcdserver: lease already exists"),
				outOfRange("lease that lives too long", LeaseGrpc.getLeaseGrantMethod(),
						grant.toBuilder().setID(8).setTTL(9_000_000_001L).build(), "etcdserver: too large lease TTL"),
				arguments("revocation of an unknown lease",
						ask(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(404).build()),
						Code.NOT_FOUND, "etcdserver: requested lease not found"),
				arguments("revocation of no lease",
						ask(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.getDefaultInstance()), Code.NOT_FOUND,
						"etcdserver: requested lease not found"));
	}

	private static Stream<Arguments> sizes() {
		String text = "etcdserver: request is too large";
		PutRequest tooLarge = PutRequest.newBuilder().setKey(KEY).setValue(zeros(2048 * KIB)).build();
		return Stream.of(
				arguments("largest put", (Consumer<Recorder>) (server) -> server.ask(sizedPut(server, 0)), Code.OK, ""),
				arguments("put one byte larger", (Consumer<Recorder>) (server) -> server.ask(sizedPut(server, 1)),
						Code.INVALID_ARGUMENT, text),
				arguments("largest txn", (Consumer<Recorder>) (server) -> server.ask(sizedTxn(server, 0)), Code.OK, ""),
				arguments("txn one byte larger", (Consumer<Recorder>) (server) -> server.ask(sizedTxn(server, 1)),
						Code.INVALID_ARGUMENT, text),
				arguments("message over its limit", ask(KVGrpc.getPutMethod(), tooLarge), Code.RESOURCE_EXHAUSTED,
						"grpc: received message larger than max (" + tooLarge.getSerializedSize() + " vs. 2097152)"));
	}

	/** A put that takes as many bytes as a request may, or some more. */
	private static Call sizedPut(Recorder server, int more) {
		int payload = payloadMax(server, 1) + more;
		return Call.of(KVGrpc.getPutMethod(), putOf(payload));
	}

	private static Call sizedTxn(Recorder server, int more) {
		// Around the put: the operation and the list of them, each a tag and a length.
		int payload = payloadMax(server, 3) + more;
		return Call.of(KVGrpc.getTxnMethod(), txn(RequestOp.newBuilder().setRequestPut(putOf(payload))));
	}

	private static PutRequest putOf(int bytes) {
		PutRequest put = PutRequest.newBuilder().setKey(KEY).setValue(zeros(bytes - 2 * LARGE_FIELD_BYTES)).build();
		int missing = bytes - put.getSerializedSize();
		return put.toBuilder().setValue(zeros(put.getValue().size() + missing)).build();
	}

	/**
	 * What is left of the limit below so many fields, when the header has been counted: a
	 * tag of two bytes, a length, and an id that begins with two bytes of the member's.
	 */
	private static int payloadMax(Recorder server, int fields) {
		RangeRequest any = RangeRequest.newBuilder().setKey(KEY).build();
		Message answer = server.connection().run(Call.of(KVGrpc.getRangeMethod(), any)).message();
		long member = ((RangeResponse) answer).getHeader().getMemberId();
		int header = 3 + CodedOutputStream.computeUInt64Size(RequestHeader.ID_FIELD_NUMBER, member << 48 | 1L << 46);
		return 1536 * KIB - header - fields * LARGE_FIELD_BYTES;
	}

	private static Stream<Arguments> streams() {
		RangeRequest range = RangeRequest.newBuilder().setKey(KEY).build();
		String sort = "etcdserver: invalid sort option";
		return Stream.of(
				error("unknown sort order", KVGrpc.getRangeMethod(), range.toBuilder().setSortOrderValue(3).build(),
						sort),
				error("unknown sort target", KVGrpc.getRangeMethod(), range.toBuilder().setSortTargetValue(-1).build(),
						sort),
				arguments("sorted stream",
						ask(KVGrpc.getRangeStreamMethod(), range.toBuilder().setSortOrderValue(2).build()),
						Code.UNIMPLEMENTED, "RangeStream does not support custom sort orders"),
				arguments("filtered stream",
						ask(KVGrpc.getRangeStreamMethod(), range.toBuilder().setMinModRevision(1).build()),
						Code.UNIMPLEMENTED, "RangeStream does not support revision filters"),
				arguments("unknown method", ask(renamed("etcdserverpb.KV/Nothing"), range), Code.UNIMPLEMENTED,
						"unknown method Nothing for service etcdserverpb.KV"),
				arguments("unknown service", ask(renamed("etcdserverpb.Nothing/Range"), range), Code.UNIMPLEMENTED,
						"unknown service etcdserverpb.Nothing"));
	}

	private static MethodDescriptor<RangeRequest, ?> renamed(String fullMethodName) {
		return KVGrpc.getRangeMethod().toBuilder().setFullMethodName(fullMethodName).build();
	}

	private static TxnRequest txn(RequestOp.Builder... operations) {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		for (RequestOp.Builder operation : operations) {
			txn.addSuccess(operation);
		}
		return txn.build();
	}

	private static TxnRequest many(int operations, int levelsAbove) {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		for (int i = 0; i < operations; i++) {
			txn.addSuccess(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(KEY)));
		}
		return (levelsAbove == 0) ? txn.build() : txn(RequestOp.newBuilder().setRequestTxn(txn));
	}

	private static ByteString zeros(int bytes) {
		return ByteString.copyFrom(new byte[bytes]);
	}

	private static Arguments error(String what, TxnRequest request, String text) {
		return error(what, KVGrpc.getTxnMethod(), request, text);
	}

	private static <T extends Message> Arguments error(String what, MethodDescriptor<T, ?> method, T request,
			String text) {
		return arguments(what, ask(method, request), Code.INVALID_ARGUMENT, text);
	}

	private static <T extends Message> Arguments outOfRange(String what, MethodDescriptor<T, ?> method, T request,
			String text) {
		return arguments(what, ask(method, request), Code.OUT_OF_RANGE, text);
	}

	private static Arguments accepted(String what, TxnRequest request) {
		return arguments(what, ask(KVGrpc.getTxnMethod(), request), Code.OK, "");
	}

	private static <T extends Message> Consumer<Recorder> ask(MethodDescriptor<T, ?> method, T request) {
		return (server) -> server.ask(method, request);
	}

}
