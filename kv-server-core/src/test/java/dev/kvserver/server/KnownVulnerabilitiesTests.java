package dev.kvserver.server;

import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.authpb.Permission;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthRoleGrantPermissionRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserChangePasswordRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateRequest;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.MemberListRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What etcd had to be patched for, each under its name. What concerns other parts is
 * tested where they are: silent connections in {@code PortAbuseTests}, those that do not
 * end their TLS handshake in {@code TlsAbuseTests}, revoked certificates in
 * {@code TlsClientCertificateTests} and, for every listener, in {@code ListenersTests},
 * names of certificates before the gateway in {@code CertificateIdentityTests}, a path
 * without its slash in {@code GrpcProtocolTests}, ambiguous HTTP in
 * {@code HttpRequestTests}, damaged logs in {@code LogDamageTests}, file permissions in
 * {@code DataDirectoryTests}, a certificate behind the gateway in
 * {@code AuthInterceptorTests}, foreign host names and origins in
 * {@code HttpAccessTests}, deep JSON in {@code GatewayTests}.
 */
class KnownVulnerabilitiesTests {

	private static final String DENIED = "etcdserver: permission denied";

	private static final String NOBODY = "etcdserver: user name is empty";

	private final AuthServer auth = AuthServer.open();

	private Channel alice = this.auth.anonymous();

	/** Alice may do everything with one key; lease 8 holds a key of somebody else. */
	@BeforeEach
	void addAlice() {
		KvStore store = this.auth.server().store();
		store.leaseGrant(LeaseGrantRequest.newBuilder().setID(8).setTTL(600).build()).join();
		store.put(PutRequest.newBuilder().setKey(AccessCells.utf8("secret")).setLease(8).build()).join();
		this.auth.addUser("alice");
		this.auth.grant("alice", Permission.Type.READWRITE, "k", "");
		this.auth.addUser("writer");
		this.auth.grant("writer", Permission.Type.WRITE, "k", "");
		this.auth.enable();
		this.alice = this.auth.login("alice");
	}

	@AfterEach
	void close() {
		this.auth.close();
	}

	/** Row 1: GHSA-xg4h-6gfc-h4m8. */
	@Test
	void oneKeyDoesNotAllowToWatchAllBehindIt() throws Exception {
		assertThat(watch("k", "")).isEmpty();
		assertThat(watch("k", "\0")).isEqualTo("rpc error: code = PermissionDenied desc = " + DENIED);
		assertThat(watch("k", "l")).isEqualTo("rpc error: code = PermissionDenied desc = " + DENIED);
		assertThat(watch("", "\0")).isEqualTo("rpc error: code = PermissionDenied desc = " + DENIED);
	}

	/** Row 4: CVE-2026-44283. */
	@Test
	void putsInTxnsNeedWhatPutsNeed() {
		PutRequest returning = PutRequest.newBuilder().setKey(AccessCells.utf8("k")).setPrevKv(true).build();
		Channel writer = this.auth.login("writer");
		assertThat(txn(writer, put(returning))).isEqualTo(DENIED);
		assertThat(txn(writer, nest(put(returning)))).isEqualTo(DENIED);
		assertThat(txn(this.alice, nest(put(returning)))).isEmpty();
		PutRequest attaching = PutRequest.newBuilder().setKey(AccessCells.utf8("k")).setLease(8).build();
		assertThat(txn(this.alice, put(attaching))).isEqualTo(DENIED);
		assertThat(txn(this.alice, nest(put(attaching)))).isEqualTo(DENIED);
	}

	/** Row 5: CVE-2026-33343. */
	@Test
	void nestedTxnsAreNoWayAround() {
		RequestOp op = put(PutRequest.newBuilder().setKey(AccessCells.utf8("secret")).build());
		for (int depth = 0; depth < 10; depth++) {
			assertThat(txn(this.alice, op)).as("depth " + depth).isEqualTo(DENIED);
			op = nest(op);
		}
	}

	/** The same, held to what the txn would be without nesting. */
	@Test
	void anOperationIsAllowedWhereverItStands() {
		for (long seed = 1; seed <= 200; seed++) {
			SplittableRandom random = new SplittableRandom(seed);
			AtomicBoolean forbidden = new AtomicBoolean();
			TxnRequest txn = randomTxn(random, 4, forbidden);
			assertThat(call(this.alice, KVGrpc.getTxnMethod(), txn)).as("seed " + seed)
				.isEqualTo(forbidden.get() ? DENIED : "");
		}
	}

	/** Each key at most once a branch, so that no put comes twice. */
	private static TxnRequest randomTxn(SplittableRandom random, int depth, AtomicBoolean forbidden) {
		TxnRequest.Builder txn = TxnRequest.newBuilder();
		if (random.nextInt(4) == 0) {
			txn.addCompare(Compare.newBuilder().setKey(randomKey(random, forbidden)));
		}
		txn.addSuccess(randomOp(random, depth, forbidden));
		return txn.addFailure(randomOp(random, depth, forbidden)).build();
	}

	private static RequestOp randomOp(SplittableRandom random, int depth, AtomicBoolean forbidden) {
		if (depth > 0 && random.nextInt(3) > 0) {
			return RequestOp.newBuilder().setRequestTxn(randomTxn(random, depth - 1, forbidden)).build();
		}
		ByteString key = randomKey(random, forbidden);
		RequestOp.Builder op = RequestOp.newBuilder();
		return switch (random.nextInt(3)) {
			case 0 -> op.setRequestRange(RangeRequest.newBuilder().setKey(key)).build();
			case 1 -> op.setRequestPut(PutRequest.newBuilder().setKey(key)).build();
			default -> op.setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key)).build();
		};
	}

	private static ByteString randomKey(SplittableRandom random, AtomicBoolean forbidden) {
		boolean secret = random.nextInt(8) == 0;
		forbidden.compareAndSet(false, secret);
		return AccessCells.utf8(secret ? "secret" : "k");
	}

	/** Row 6: CVE-2026-33413; and row 7: an alarm raised by anybody. */
	@Test
	void nothingIsForStrangers() {
		Channel stranger = this.auth.anonymous();
		assertThat(call(stranger, ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance()))
			.isEqualTo(NOBODY);
		assertThat(call(stranger, LeaseGrpc.getLeaseGrantMethod(), LeaseGrantRequest.newBuilder().setTTL(9).build()))
			.isEqualTo(NOBODY);
		assertThat(call(stranger, KVGrpc.getCompactMethod(), CompactionRequest.newBuilder().setRevision(1).build()))
			.isEqualTo(NOBODY);
		AlarmRequest raise = AlarmRequest.newBuilder()
			.setAction(AlarmRequest.AlarmAction.ACTIVATE)
			.setAlarm(AlarmType.CORRUPT)
			.build();
		assertThat(call(stranger, MaintenanceGrpc.getAlarmMethod(), raise)).isEqualTo(NOBODY);
		assertThat(call(this.alice, MaintenanceGrpc.getAlarmMethod(), raise)).isEqualTo(DENIED);
	}

	/** Row 9: CVE-2023-32082. */
	@Test
	void aLeaseDoesNotTellNamesOfKeys() {
		LeaseTimeToLiveRequest request = LeaseTimeToLiveRequest.newBuilder().setID(8).setKeys(true).build();
		assertThat(call(this.alice, LeaseGrpc.getLeaseTimeToLiveMethod(), request)).isEqualTo(DENIED);
	}

	/** Row 10: CVE-2021-28235. */
	@Test
	void passwordsAndTokensAreNotLogged() {
		Logger logger = (Logger) LoggerFactory.getLogger("dev.kvserver");
		Level before = logger.getLevel();
		ListAppender<ILoggingEvent> events = new ListAppender<>();
		events.start();
		logger.addAppender(events);
		logger.setLevel(Level.TRACE);
		String token;
		try {
			token = useSecrets();
		}
		finally {
			logger.setLevel(before);
			logger.detachAppender(events);
		}
		String logged = events.list.stream()
			.flatMap((event) -> Stream.of(event.getFormattedMessage(), String.valueOf(event.getThrowableProxy())))
			.collect(Collectors.joining("\n"));
		assertThat(logged).doesNotContain("pass-1", "pass-2", "guess-3", token, token.split("\\.", -1)[0]);
	}

	private String useSecrets() {
		Channel root = this.auth.login("root");
		AuthGrpc.newBlockingStub(root)
			.userAdd(AuthUserAddRequest.newBuilder().setName("bob").setPassword("pass-1").build());
		AuthGrpc.newBlockingStub(root)
			.userChangePassword(
					AuthUserChangePasswordRequest.newBuilder().setName("bob").setPassword("pass-2").build());
		call(this.auth.anonymous(), AuthGrpc.getAuthenticateMethod(),
				AuthenticateRequest.newBuilder().setName("bob").setPassword("guess-3").build());
		String token = this.auth.token("bob", "pass-2");
		call(this.auth.with(token), KVGrpc.getRangeMethod(), AccessCells.range("k", ""));
		call(this.auth.with(token + "x"), KVGrpc.getRangeMethod(), AccessCells.range("k", ""));
		return token;
	}

	/** Row 12: CVE-2020-15115. Such a user may exist, as in etcd, but cannot log in. */
	@Test
	void anEmptyPasswordLogsNobodyIn() {
		AuthGrpc.newBlockingStub(this.auth.login("root"))
			.userAdd(AuthUserAddRequest.newBuilder().setName("careless").build());
		assertThat(call(this.auth.anonymous(), AuthGrpc.getAuthenticateMethod(),
				AuthenticateRequest.newBuilder().setName("careless").build()))
			.isEqualTo("etcdserver: authentication failed, invalid user ID or password");
	}

	/** Row 14: etcd pull request 15621. */
	@Test
	void permissionsOnImpossibleRangesAreRefused() {
		Channel root = this.auth.login("root");
		for (String[] range : new String[][] { { "", "" }, { "", "\0" }, { "k", "a" }, { "k", "k" } }) {
			AuthRoleGrantPermissionRequest grant = AuthRoleGrantPermissionRequest.newBuilder()
				.setName("alice")
				.setPerm(Permission.newBuilder()
					.setKey(AccessCells.utf8(range[0]))
					.setRangeEnd(AccessCells.utf8(range[1])))
				.build();
			assertThat(call(root, AuthGrpc.getRoleGrantPermissionMethod(), grant)).as(range[0] + ".." + range[1])
				.isEqualTo("etcdserver: invalid auth management");
		}
	}

	private String watch(String key, String end) throws Exception {
		CompletableFuture<String> outcome = new CompletableFuture<>();
		StreamObserver<WatchRequest> stream = WatchGrpc.newStub(this.alice).watch(new StreamObserver<>() {

			@Override
			public void onNext(WatchResponse response) {
				outcome.complete(response.getCancelReason());
			}

			@Override
			public void onError(Throwable failure) {
				outcome.completeExceptionally(failure);
			}

			@Override
			public void onCompleted() {
				outcome.complete("completed");
			}

		});
		stream.onNext(WatchRequest.newBuilder()
			.setCreateRequest(
					WatchCreateRequest.newBuilder().setKey(AccessCells.utf8(key)).setRangeEnd(AccessCells.utf8(end)))
			.build());
		String reason = outcome.get(20, TimeUnit.SECONDS);
		stream.onError(Status.CANCELLED.asException());
		return reason;
	}

	private static String txn(Channel caller, RequestOp op) {
		return call(caller, KVGrpc.getTxnMethod(), TxnRequest.newBuilder().addSuccess(op).build());
	}

	private static RequestOp put(PutRequest put) {
		return RequestOp.newBuilder().setRequestPut(put).build();
	}

	private static RequestOp nest(RequestOp op) {
		return RequestOp.newBuilder()
			.setRequestTxn(TxnRequest.newBuilder().addAllFailure(List.of(op)).addSuccess(op))
			.build();
	}

	private static <Q extends Message> String call(Channel caller, MethodDescriptor<Q, ?> method, Q request) {
		return Objects.toString(AuthServer.call(caller, method, request).getDescription(), "");
	}

}
