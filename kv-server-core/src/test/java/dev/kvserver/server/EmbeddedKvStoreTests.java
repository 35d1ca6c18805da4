package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.port.PortOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The store without network: leases and watches. */
class EmbeddedKvStoreTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final KvServer server = KvServer.open(KvServerOptions.builder()
		.port(PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
			.build())
		.build());

	private final KvStore store = this.server.store();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void aWatchSeesWhatHappensInOrder() throws Exception {
		BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
		WatchCreateRequest request = WatchCreateRequest.newBuilder().setKey(utf8("a")).build();
		try (KvStore.Watch watch = this.store.watch(request, responses::add)) {
			assertThat(watch).isNotNull();
			assertThat(next(responses).getCreated()).isTrue();
			this.store.put("a", utf8("1"), TIMEOUT);
			this.store.put("b", utf8("x"), TIMEOUT);
			this.store.delete("a", TIMEOUT);
			assertThat(next(responses).getEvents(0).getKv().getValue()).isEqualTo(utf8("1"));
			assertThat(next(responses).getEvents(0).getType()).isEqualTo(Event.EventType.DELETE);
		}
	}

	@Test
	void aWatchOnAnEmptyRangeIsCanceled() throws Exception {
		BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
		WatchCreateRequest request = WatchCreateRequest.newBuilder().setKey(utf8("b")).setRangeEnd(utf8("a")).build();
		try (KvStore.Watch watch = this.store.watch(request, responses::add)) {
			assertThat(watch).isNotNull();
			assertThat(next(responses).getCancelReason()).isEqualTo("mvcc: watcher range is empty");
		}
	}

	@Test
	void aListenerThatThrowsLosesItsWatchOnly() throws Exception {
		WatchCreateRequest request = WatchCreateRequest.newBuilder().setKey(utf8("a")).build();
		BlockingQueue<WatchResponse> responses = new LinkedBlockingQueue<>();
		try (KvStore.Watch failing = this.store.watch(request, (response) -> {
			throw new IllegalStateException("a listener's own fault");
		}); KvStore.Watch watch = this.store.watch(request, responses::add)) {
			assertThat(failing).isNotSameAs(watch);
			assertThat(next(responses).getCreated()).isTrue();
			this.store.put("a", utf8("1"), TIMEOUT);
			assertThat(next(responses).getEventsCount()).isOne();
		}
	}

	@Test
	void revokingALeaseDeletesItsKeys() throws Exception {
		LeaseGrantResponse lease = this.store.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build())
			.get(20, TimeUnit.SECONDS);
		assertThat(lease.getID()).isPositive();
		this.store.put(PutRequest.newBuilder().setKey(utf8("k")).setLease(lease.getID()).build())
			.get(20, TimeUnit.SECONDS);
		assertThat(this.store.leaseKeepAlive(lease.getID()).get(20, TimeUnit.SECONDS).getTTL()).isEqualTo(60);
		this.store.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease.getID()).build()).get(20, TimeUnit.SECONDS);
		assertThat(this.store.get("k", TIMEOUT)).isNull();
		assertThat(this.store.leaseKeepAlive(lease.getID()).get(20, TimeUnit.SECONDS).getTTL()).isZero();
	}

	@Test
	void etcdsErrorsAreExceptionsHere() {
		assertThatExceptionOfType(EtcdException.class).isThrownBy(() -> this.store.put("", ByteString.EMPTY, TIMEOUT))
			.withMessage("etcdserver: key is not provided");
	}

	@Test
	void afterCloseEverythingIsRefused() {
		this.server.close();
		assertThatExceptionOfType(EtcdException.class).isThrownBy(() -> this.store.put("a", ByteString.EMPTY, TIMEOUT))
			.withMessage("etcdserver: server stopped");
	}

	private static WatchResponse next(BlockingQueue<WatchResponse> responses) throws InterruptedException {
		return requireNonNull(responses.poll(20, TimeUnit.SECONDS), "no response");
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
