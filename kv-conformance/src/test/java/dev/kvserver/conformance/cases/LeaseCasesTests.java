package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Leases whose life is short, and ids that the server chooses: what a history of long
 * leases has nothing of.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeaseCasesTests {

	private static final long TTL_MIN_SECONDS = 2;

	private final BothServers servers = new BothServers();

	@AfterAll
	void close() {
		this.servers.close();
	}

	@Test
	void tooShortALifeIsRaised() {
		play((server) -> {
			for (long ttl = -1; ttl <= TTL_MIN_SECONDS; ttl++) {
				LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setID(100 + ttl).setTTL(ttl).build();
				Message granted = server.ask(LeaseGrpc.getLeaseGrantMethod(), request).message();
				assertThat(((LeaseGrantResponse) granted).getTTL()).isEqualTo(TTL_MIN_SECONDS);
			}
		});
	}

	@Test
	void idIsChosenWhenNoneIsGiven() {
		play((server) -> {
			LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(5000).build();
			Call call = Call.of(LeaseGrpc.getLeaseGrantMethod(), request);
			LeaseGrantResponse first = (LeaseGrantResponse) server.connection().run(call).message();
			LeaseGrantResponse second = (LeaseGrantResponse) server.connection().run(call).message();
			assertThat(first.getID()).isPositive().isNotEqualTo(second.getID());
			assertThat(second.getID()).isPositive();
			server.keep("granted", List.of(first.toBuilder().clearID().build()));
			for (LeaseGrantResponse granted : List.of(first, second)) {
				revoke(server, granted.getID());
			}
		});
	}

	@Test
	void expiryDeletesTheKeysInOneRevision() {
		play((server) -> {
			grant(server, 20, TTL_MIN_SECONDS);
			for (String key : List.of("expiry/c", "expiry/a", "expiry/b")) {
				put(server, key, 20);
			}
			WatchConnection watch = server.watch();
			watch.create(WatchCreateRequest.newBuilder()
				.setKey(bytes("expiry/"))
				.setRangeEnd(bytes("expiry0"))
				.setPrevKv(true)
				.build());
			List<WatchResponse> responses = server.keep(watch, 2);
			assertThat(responses.get(1).getEventsList()).extracting((event) -> event.getKv().getKey().toStringUtf8())
				.containsExactly("expiry/a", "expiry/b", "expiry/c");
			assertThat(responses.get(1).getEventsList()).extracting(Event::getType)
				.containsOnly(Event.EventType.DELETE);
			timeToLive(server, 20);
			revoke(server, 20);
		});
	}

	@Test
	void keyThatHasLeftALeaseOutlivesIt() {
		play((server) -> {
			grant(server, 30, 5000);
			put(server, "leaves/1", 30);
			put(server, "leaves/2", 30);
			put(server, "leaves/1", 0);
			server.ask(KVGrpc.getPutMethod(),
					PutRequest.newBuilder().setKey(bytes("leaves/2")).setIgnoreLease(true).build());
			timeToLive(server, 30);
			revoke(server, 30);
			server.put("leaves/3", "");
		});
	}

	@Test
	void keepAliveAnswersEachRequestInOrder() {
		play((server) -> {
			grant(server, 40, 5000);
			grant(server, 41, 6000);
			server.ask(new Call(LeaseGrpc.getLeaseKeepAliveMethod(),
					List.of(keepAlive(40), keepAlive(404), keepAlive(41), keepAlive(0), keepAlive(40))));
			server.ask(new Call(LeaseGrpc.getLeaseKeepAliveMethod(), List.of()));
			revoke(server, 40);
			revoke(server, 41);
		});
	}

	@Test
	void leasesAreListedByTheTimeThatIsLeft() {
		play((server) -> {
			grant(server, 50, 30_000);
			grant(server, 51, 10_000);
			grant(server, -52, 20_000);
			server.ask(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
			for (long id : new long[] { 50, 51, -52 }) {
				revoke(server, id);
			}
		});
	}

	private void play(Consumer<Recorder> scenario) {
		assertThat(this.servers.play(scenario)).isNotEmpty();
	}

	private static void grant(Recorder server, long id, long ttlSeconds) {
		server.ask(LeaseGrpc.getLeaseGrantMethod(),
				LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build());
	}

	private static void revoke(Recorder server, long id) {
		Call call = Call.of(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(id).build());
		server.keep("revoke", List.of(StringValue.of(server.connection().run(call).code().name())));
	}

	private static void timeToLive(Recorder server, long id) {
		server.ask(LeaseGrpc.getLeaseTimeToLiveMethod(),
				LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true).build());
	}

	private static void put(Recorder server, String key, long lease) {
		server.ask(KVGrpc.getPutMethod(), PutRequest.newBuilder().setKey(bytes(key)).setLease(lease).build());
	}

	private static LeaseKeepAliveRequest keepAlive(long id) {
		return LeaseKeepAliveRequest.newBuilder().setID(id).build();
	}

	private static ByteString bytes(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
