package dev.kvserver.server.rpc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseStatus;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.apply.SpaceQuota;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.lease.LeaseExpiry;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.ProposingLeaseRevoker;
import dev.kvserver.server.loop.ManualClock;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Section 2.10 of etcd's contract, over a real connection. */
class LeaseServiceTests {

	private static final long CLUSTER_ID = 11;

	private static final long MEMBER_ID = 12;

	private static final long TERM = 3;

	private final ManualClock clock = new ManualClock(1_000);

	private final Lessor lessor = new Lessor(2);

	private final LeaseProposer proposer = new LeaseProposer(this.lessor);

	private final LeaseExpiry expiry = new LeaseExpiry(this.lessor, this.clock,
			new ProposingLeaseRevoker(this.proposer));

	/** Released whenever a header is made, so that a test sees a request arrive. */
	private final Semaphore headersMade = new Semaphore(0);

	private final AtomicInteger largeAnswers = new AtomicInteger();

	private Executor readers = (answer) -> {
		this.largeAnswers.incrementAndGet();
		answer.run();
	};

	private final LeaseService service = new LeaseService(this.lessor, this.proposer,
			new ResponseHeaders(CLUSTER_ID, MEMBER_ID, this::revision, () -> TERM), this.clock,
			new SpaceQuota(-1, () -> 0, () -> {
			}), (answer) -> this.readers.execute(answer),
			new Access(new AuthStore(AuthOptions.DEFAULTS.tokenProvider(() -> 0))));

	private LocalServer server;

	private LeaseGrpc.LeaseBlockingStub client;

	@BeforeEach
	void start() throws IOException {
		this.server = new LocalServer(this.service);
		this.client = LeaseGrpc.newBlockingStub(this.server.channel());
	}

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void grantAnswersTheRaisedTtlAndTheId() {
		LeaseGrantResponse granted = grant(77, 1);
		assertThat(granted.getID()).isEqualTo(77);
		assertThat(granted.getTTL()).isEqualTo(2);
		assertThat(granted.getError()).isEmpty();
		assertThat(granted.hasHeader()).isTrue();
	}

	@Test
	void idZeroGetsAPositiveRandomId() {
		Set<Long> ids = new HashSet<>();
		for (int i = 0; i < 100; i++) {
			ids.add(grant(0, 10).getID());
		}
		assertThat(ids).hasSize(100).allMatch((id) -> id > 0);
	}

	@Test
	void refusalsLeaveWithEtcdsCodeAndText() {
		grant(77, 10);
		assertRefused(EtcdError.LEASE_EXISTS, () -> grant(77, 10));
		assertRefused(EtcdError.LEASE_TTL_TOO_LARGE, () -> grant(78, 9_000_000_001L));
		assertRefused(EtcdError.LEASE_NOT_FOUND, () -> revoke(79));
		assertRefused(EtcdError.LEASE_NOT_FOUND, () -> revoke(0));
	}

	@Test
	void revokedLeaseIsUnknownAfterwards() {
		grant(77, 10);
		revoke(77);
		assertThat(timeToLive(77, false).getTTL()).isEqualTo(-1);
		assertRefused(EtcdError.LEASE_NOT_FOUND, () -> revoke(77));
	}

	@Test
	void timeToLiveIsRoundedDown() {
		grant(77, 10);
		assertThat(timeToLive(77, true)).isEqualTo(LeaseTimeToLiveResponse.newBuilder()
			.setHeader(header(1))
			.setID(77)
			.setTTL(10)
			.setGrantedTTL(10)
			.build());
		this.expiry.doWork();
		this.clock.advance(Duration.ofMillis(1));
		assertThat(timeToLive(77, false).getTTL()).isEqualTo(9);
		this.clock.advance(Duration.ofMillis(9_500));
		assertThat(timeToLive(77, false).getTTL()).isZero();
		this.clock.advance(Duration.ofMillis(5_500));
		assertThat(timeToLive(77, false).getTTL()).isZero();
		assertThat(timeToLive(77, false).getGrantedTTL()).isEqualTo(10);
	}

	@Test
	void unknownLeaseHasTtlMinusOneAndItsIdIsEchoed() {
		assertThat(timeToLive(99, true))
			.isEqualTo(LeaseTimeToLiveResponse.newBuilder().setHeader(header(1)).setID(99).setTTL(-1).build());
	}

	@Test
	void keysAreAnsweredOnlyWhenAskedFor() {
		grant(77, 10);
		this.proposer.put(77, new byte[] { (byte) 0xff, 0 });
		this.proposer.put(77, bytes("a"));
		assertThat(timeToLive(77, false).getKeysList()).isEmpty();
		assertThat(timeToLive(77, true).getKeysList()).containsExactly(ByteString.copyFromUtf8("a"),
				ByteString.copyFrom(new byte[] { (byte) 0xff, 0 }));
		assertThat(timeToLive(77, true).getHeader()).isEqualTo(header(3));
	}

	@Test
	void leasesAreListedByRemainingTime() {
		grant(1, 30);
		grant(2, 10);
		grant(3, 20);
		assertThat(leases().getHeader()).isEqualTo(header(1));
		assertThat(leases().getLeasesList()).extracting(LeaseStatus::getID).containsExactly(2L, 3L, 1L);
	}

	@Test
	void largeAnswersAreNotMadeOnTheEventLoop() {
		for (int id = 1; id <= 1000; id++) {
			grant(id, 30);
			this.proposer.put(1, bytes(Integer.toString(id)));
		}
		assertThat(leases().getLeasesCount()).isEqualTo(1000);
		assertThat(timeToLive(1, true).getKeysCount()).isEqualTo(1000);
		assertThat(this.largeAnswers).hasValue(0);
		grant(1001, 30);
		this.proposer.put(1, bytes("one more"));
		assertThat(leases().getLeasesCount()).isEqualTo(1001);
		assertThat(timeToLive(1, true).getKeysCount()).isEqualTo(1001);
		assertThat(timeToLive(1, false).getKeysCount()).isZero();
		assertThat(this.largeAnswers).hasValue(2);
		this.readers = (answer) -> {
			throw new RejectedExecutionException();
		};
		assertRefused(EtcdError.TOO_MANY_REQUESTS, this::leases);
	}

	@Test
	void eachKeepAliveIsAnsweredInOrder() throws InterruptedException {
		grant(1, 10);
		grant(2, 20);
		KeepAliveCall call = KeepAliveCall.open(this.server.channel());
		for (int i = 0; i < 100; i++) {
			call.send(1);
			call.send(99);
			call.send(2);
		}
		for (int i = 0; i < 100; i++) {
			assertThat(call.next()).isEqualTo(keptAlive(1, 10, 1));
			assertThat(call.next()).isEqualTo(keptAlive(99, 0, 1));
			assertThat(call.next()).isEqualTo(keptAlive(2, 20, 1));
		}
		call.halfClose();
		assertThat(call.status().isOk()).isTrue();
		assertThat(this.service.openStreams()).isZero();
	}

	@Test
	void keepAliveStartsTheTimeAnew() throws InterruptedException {
		grant(1, 10);
		this.expiry.doWork();
		this.clock.advance(Duration.ofSeconds(9));
		assertThat(timeToLive(1, false).getTTL()).isEqualTo(1);
		KeepAliveCall call = KeepAliveCall.open(this.server.channel());
		call.send(1);
		assertThat(call.next().getTTL()).isEqualTo(10);
		assertThat(timeToLive(1, false).getTTL()).isEqualTo(10);
	}

	@Test
	void keepAliveOfAnExpiredLeaseWaitsForTheRevokeAndAnswersZero() throws InterruptedException {
		KeepAliveCall call = waitingForTheRevokeOf(1);
		call.send(2);
		assertThat(call.hasAnswers()).isFalse();
		this.clock.advance(Duration.ofMillis(20));
		this.expiry.doWork();
		assertThat(this.proposer.revision()).isEqualTo(3);
		this.expiry.doWork();
		// The header is older than the renewal (section 2.10).
		assertThat(call.next()).isEqualTo(keptAlive(1, 0, 2));
		assertThat(call.next()).isEqualTo(keptAlive(2, 100, 3));
	}

	@Test
	void halfCloseWaitsForTheAnswerThatIsOutstanding() throws InterruptedException {
		KeepAliveCall call = waitingForTheRevokeOf(1);
		call.halfClose();
		revoke(1);
		this.expiry.doWork();
		assertThat(call.next()).isEqualTo(keptAlive(1, 0, 2));
		assertThat(call.status().isOk()).isTrue();
		assertThat(this.service.openStreams()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void clientThatGivesUpWaitingIsForgotten(boolean halfClosed) throws InterruptedException {
		KeepAliveCall call = waitingForTheRevokeOf(1);
		if (halfClosed) {
			call.halfClose();
		}
		call.cancel();
		assertThat(call.status().getCode()).isEqualTo(Status.Code.CANCELLED);
		while (this.service.openStreams() > 0) {
			Thread.onSpinWait();
		}
		revoke(1);
		this.expiry.doWork();
		assertThat(timeToLive(1, false).getTTL()).isEqualTo(-1);
		assertThat(call.hasAnswers()).isFalse();
	}

	@Test
	void slowReaderGetsAllItsAnswersInOrder() throws InterruptedException {
		int sent = 10_000;
		for (long id = 1; id <= 100; id++) {
			grant(id, 100 + id);
		}
		KeepAliveCall call = KeepAliveCall.openWithoutReading(this.server.channel());
		for (int i = 0; i < sent; i++) {
			call.send(1 + i * 31 % 100);
		}
		call.halfClose();
		for (int i = 0; i < sent; i++) {
			int id = 1 + i * 31 % 100;
			call.read(1);
			assertThat(call.next()).isEqualTo(keptAlive(id, 100L + id, 1));
		}
		assertThat(call.status().isOk()).isTrue();
	}

	@Test
	void requestsOfAClientThatReadsNothingAreNotTakenIn() throws InterruptedException {
		grant(1, 10);
		this.headersMade.drainPermits();
		int sent = 10_000;
		KeepAliveCall silent = KeepAliveCall.openWithoutReading(this.server.channel());
		for (int i = 0; i < sent; i++) {
			silent.send(1);
		}
		// As much work behind it: the silent stream has had its turn by then.
		KeepAliveCall other = KeepAliveCall.open(this.server.channel());
		for (int i = 0; i < sent; i++) {
			other.send(1);
		}
		for (int i = 0; i < sent; i++) {
			other.next();
		}
		// 64 KiB in the client's window and 32 KiB waiting here, at 19 bytes an answer.
		assertThat(this.headersMade.availablePermits() - sent).isBetween(1, 6_000);
		silent.cancel();
	}

	@Test
	void drainEndsRunningStreamsAndThoseToCome() throws InterruptedException {
		grant(1, 10);
		KeepAliveCall running = KeepAliveCall.open(this.server.channel());
		running.send(1);
		assertThat(running.next().getTTL()).isEqualTo(10);
		this.service.drain();
		assertStopped(running.status());
		assertStopped(KeepAliveCall.open(this.server.channel()).status());
		assertThat(this.service.openStreams()).isZero();
	}

	@Test
	void drainEndsAStreamThatWaitsForARevoke() throws InterruptedException {
		KeepAliveCall call = waitingForTheRevokeOf(1);
		this.service.drain();
		assertStopped(call.status());
		revoke(1);
		this.expiry.doWork();
		assertThat(call.hasAnswers()).isFalse();
	}

	/** A stream whose renewal of an expired lease has reached the server. */
	private KeepAliveCall waitingForTheRevokeOf(long id) throws InterruptedException {
		grant(id, 10);
		grant(id + 1, 100);
		this.proposer.put(id, bytes("key"));
		this.expiry.doWork();
		this.clock.advance(Duration.ofSeconds(10).plusMillis(1));
		this.headersMade.drainPermits();
		KeepAliveCall call = KeepAliveCall.open(this.server.channel());
		call.send(id);
		assertThat(this.headersMade.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
		return call;
	}

	private long revision() {
		long revision = this.proposer.revision();
		this.headersMade.release();
		return revision;
	}

	private LeaseGrantResponse grant(long id, long ttlSeconds) {
		return this.client.leaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build());
	}

	private void revoke(long id) {
		assertThat(this.client.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build()).hasHeader()).isTrue();
	}

	private LeaseTimeToLiveResponse timeToLive(long id, boolean keys) {
		return this.client.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(keys).build());
	}

	private LeaseLeasesResponse leases() {
		return this.client.leaseLeases(LeaseLeasesRequest.getDefaultInstance());
	}

	private static LeaseKeepAliveResponse keptAlive(long id, long ttl, long revision) {
		return LeaseKeepAliveResponse.newBuilder().setHeader(header(revision)).setID(id).setTTL(ttl).build();
	}

	private static ResponseHeader header(long revision) {
		return ResponseHeader.newBuilder()
			.setClusterId(CLUSTER_ID)
			.setMemberId(MEMBER_ID)
			.setRevision(revision)
			.setRaftTerm(TERM)
			.build();
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static void assertStopped(Status status) {
		assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
		assertThat(status.getDescription()).isEqualTo("etcdserver: server stopped");
	}

	private static void assertRefused(EtcdError error, ThrowingCallable call) {
		assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, (ex) -> {
			assertThat(ex.getStatus().getCode()).isEqualTo(error.status().getCode());
			assertThat(ex.getStatus().getDescription()).isEqualTo(error.text());
		});
	}

}
