package dev.kvserver.conformance.coordination;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.OpenCall;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.v3lockpb.LockResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a lock is worth when clients stop, leases expire and connections drop. Set
 * {@code -Dkv.seed} to repeat the choices of a run, {@code -Dkv.turns} for longer ones.
 */
class MutualExclusionTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(MutualExclusionTests.class);

	private static final int CLIENTS = 8;

	private static final int TURNS = Integer.getInteger("kv.turns", 40);

	private static final ByteString ALL = ByteString.copyFrom(new byte[1]);

	private final long seed = Long.getLong("kv.seed", System.nanoTime());

	private final LockServer server = new LockServer();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void thereAreNeverTwoHoldersAtOneRevisionWhateverFails() throws Exception {
		LOGGER.info("Seed {} (-Dkv.seed={})", this.seed, this.seed);
		LockLog log = new LockLog();
		ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
		try {
			List<Future<?>> clients = new ArrayList<>();
			for (int i = 0; i < CLIENTS; i++) {
				long clientSeed = this.seed + i;
				clients.add(threads.submit(() -> turns(new LockClient(this.server, clientSeed, log))));
			}
			for (Future<?> client : clients) {
				client.get();
			}
		}
		catch (ExecutionException ex) {
			throw new AssertionError("With seed " + this.seed + ": " + ex.getCause(), ex);
		}
		finally {
			threads.shutdownNow();
		}
		log.check(LockClient.NAME + "/", events());
		LOGGER.info("Held {} times; {} guarded writes made, {} refused", log.acquisitions(), log.writes(true),
				log.writes(false));
		assertThat(log.acquisitions()).isPositive();
		assertThat(log.writes(true)).isPositive();
		assertThat(log.writes(false)).isPositive();
	}

	/**
	 * A holder that was stopped for too long does not know that it holds the lock no
	 * more; a write guarded by the create revision of its key tells it.
	 */
	@Test
	void writeOfAStaleHolderIsRefused() {
		try (Connection stopped = this.server.connect(); Connection next = this.server.connect()) {
			LockResponse first = (LockResponse) stopped.run(Requests.lock(LockClient.NAME, this.server.grant(10)))
				.message();
			long token = token(stopped, first.getKey());
			assertThat(write(stopped, first, token)).isTrue();
			OpenCall waiting = OpenCall.start(next, Requests.lock(LockClient.NAME, this.server.grant(60)));
			this.server.pass(Duration.ofSeconds(20));
			LockResponse second = (LockResponse) waiting.awaitEnd().message();
			long laterToken = token(next, second.getKey());
			assertThat(laterToken).isGreaterThan(token);
			assertThat(write(next, second, laterToken)).isTrue();
			assertThat(write(stopped, first, token)).isFalse();
			assertThat(value(next)).isEqualTo(Long.toString(laterToken));
		}
	}

	/** Why the guard is the create revision and not only the key. */
	@Test
	void keyThatWasTakenAgainIsNotTheOneThatWasLost() {
		try (Connection client = this.server.connect()) {
			long lease = this.server.grant(60);
			LockResponse first = (LockResponse) client.run(Requests.lock(LockClient.NAME, lease)).message();
			long token = token(client, first.getKey());
			client.run(Requests.unlock(first.getKey().toStringUtf8()));
			LockResponse again = (LockResponse) client.run(Requests.lock(LockClient.NAME, lease)).message();
			assertThat(again.getKey()).isEqualTo(first.getKey());
			assertThat(write(client, first, token)).isFalse();
			assertThat(write(client, again, token(client, again.getKey()))).isTrue();
		}
	}

	private static void turns(LockClient client) {
		try (client) {
			for (int i = 0; i < TURNS; i++) {
				client.turn();
			}
		}
	}

	private static boolean write(Connection client, LockResponse held, long token) {
		return ((TxnResponse) client.run(LockClient.guarded(held.getKey(), token)).message()).getSucceeded();
	}

	private static long token(Connection client, ByteString key) {
		return range(client, key).getKvs(0).getCreateRevision();
	}

	private static String value(Connection client) {
		return range(client, LockClient.RESOURCE).getKvs(0).getValue().toStringUtf8();
	}

	private static RangeResponse range(Connection client, ByteString key) {
		RangeRequest request = RangeRequest.newBuilder().setKey(key).build();
		return (RangeResponse) client.run(Call.of(KVGrpc.getRangeMethod(), request)).message();
	}

	/** All events of the store, read up to one that is made here. */
	private List<Event> events() {
		try (Connection connection = this.server.connect();
				WatchConnection watch = new WatchConnection(connection.channel())) {
			PutRequest put = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("end")).build();
			long last = ((PutResponse) connection.run(Call.of(KVGrpc.getPutMethod(), put)).message()).getHeader()
				.getRevision();
			watch.create(WatchCreateRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).setStartRevision(1).build());
			assertThat(watch.await((response) -> reaches(response, last), 1, Duration.ofSeconds(30))).isNotNull();
			return watch.take((any) -> true).stream().flatMap((response) -> response.getEventsList().stream()).toList();
		}
	}

	private static boolean reaches(WatchResponse response, long revision) {
		int count = response.getEventsCount();
		return count > 0 && response.getEvents(count - 1).getKv().getModRevision() >= revision;
	}

}
