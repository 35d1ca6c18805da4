package dev.kvserver.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.server.port.PortOptions;
import dev.kvserver.server.storage.FaultyDisk;
import dev.kvserver.server.storage.FileDisk;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A whole server, asked over real gRPC, whose disk fails under load, and its next life on
 * the same directory.
 */
@Timeout(60)
class KvServerDiskFailureTests {

	/** Small, so that the log needs space soon. */
	private static final long SEGMENT_BYTES = 64 << 10;

	private static final int CONCURRENT = 64;

	private static final String STOPPED = "UNAVAILABLE: etcdserver: server stopped";

	private static final ByteString VALUE = ByteString.copyFrom(new byte[1_000]);

	@TempDir
	@SuppressWarnings("NullAway.Init")
	Path directory;

	private final FaultyDisk disk = new FaultyDisk();

	/** The revision of each put that was acknowledged. */
	private final Map<String, Long> acknowledged = new TreeMap<>();

	private int puts;

	/** What happens to the disk. */
	enum Fault {

		/** Space is needed when a segment is full. */
		FULL,

		/** The log's next sync fails, and what was not synced is lost. */
		SYNC,

		/** The log cannot be made shorter; its own thread finds out. */
		DELETION;

		void strike(FaultyDisk disk) {
			switch (this) {
				case FULL -> disk.fillUp();
				case SYNC -> disk.failSyncs();
				case DELETION -> disk.failDeletions();
			}
		}

	}

	@ParameterizedTest
	@EnumSource
	void nothingAcknowledgedIsLostAndNobodyWaitsInVain(Fault fault) throws Exception {
		try (KvServer server = open(new DiskUse(this.disk, SEGMENT_BYTES))) {
			server.listen();
			ManagedChannel channel = channel(server);
			try {
				Iterator<HealthCheckResponse> health = HealthGrpc.newBlockingStub(channel)
					.watch(HealthCheckRequest.getDefaultInstance());
				assertThat(health.next().getStatus()).isEqualTo(ServingStatus.SERVING);
				assertThat(putSome(channel)).isEmpty();
				fault.strike(this.disk);
				List<String> refusals = putSome(channel);
				while (refusals.isEmpty()) {
					refusals = putSome(channel);
				}
				assertThat(refusals).containsOnly(STOPPED);
				assertThat(health.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
				assertIsDown(server, channel);
			}
			finally {
				channel.shutdownNow();
			}
		}
		assertNextLifeHasEverything();
	}

	@Test
	void serverThatIsDownSaysSoWhenItListensAgain() throws Exception {
		try (KvServer server = open(new DiskUse(this.disk, SEGMENT_BYTES))) {
			this.disk.failSyncs();
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> server.store().put(put("a")).get(20, TimeUnit.SECONDS))
				.withMessageContaining("etcdserver: server stopped");
			while (server.health().up()) {
				Thread.onSpinWait();
			}
			assertThat(server.health().reason()).contains("kv-apply: syncing " + this.directory, ".log failed");
			server.listen();
			ManagedChannel channel = channel(server);
			try {
				assertThat(check(channel)).isEqualTo(ServingStatus.NOT_SERVING);
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	/** Puts new keys, many at a time; returns the errors, each put having its answer. */
	private List<String> putSome(ManagedChannel channel) throws InterruptedException, TimeoutException {
		Map<String, Future<PutResponse>> answers = new TreeMap<>();
		for (int i = 0; i < CONCURRENT; i++) {
			String key = "key%06d".formatted(this.puts++);
			answers.put(key, KVGrpc.newFutureStub(channel).put(put(key)));
		}
		List<String> errors = new ArrayList<>();
		for (Map.Entry<String, Future<PutResponse>> answer : answers.entrySet()) {
			try {
				PutResponse response = answer.getValue().get(20, TimeUnit.SECONDS);
				this.acknowledged.put(answer.getKey(), response.getHeader().getRevision());
			}
			catch (ExecutionException ex) {
				errors.add(Status.fromThrowable(ex).getCode() + ": " + Status.fromThrowable(ex).getDescription());
			}
		}
		return errors;
	}

	private void assertIsDown(KvServer server, ManagedChannel channel) throws IOException, InterruptedException {
		assertThat(check(channel)).isEqualTo(ServingStatus.NOT_SERVING);
		assertThat(server.health().up()).isFalse();
		HttpResponse<String> health = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/health")).build(),
					HttpResponse.BodyHandlers.ofString());
		assertThat(health.statusCode()).isEqualTo(503);
		assertThat(health.body()).startsWith("{\"health\":\"false\"");
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> KVGrpc.newBlockingStub(channel).put(put("late")))
			.withMessage(STOPPED);
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(
				() -> LeaseGrpc.newBlockingStub(channel).leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()))
			.withMessage(STOPPED);
		assertThat(read(KVGrpc.newBlockingStub(channel))).containsExactlyEntriesOf(this.acknowledged);
	}

	private void assertNextLifeHasEverything() {
		try (KvServer server = open(new DiskUse(new FileDisk(), SEGMENT_BYTES))) {
			server.listen();
			ManagedChannel channel = channel(server);
			try {
				KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
				assertThat(read(kv)).containsAllEntriesOf(this.acknowledged);
				assertThat(check(channel)).isEqualTo(ServingStatus.SERVING);
				long revision = kv.put(put("after")).getHeader().getRevision();
				assertThat(this.acknowledged.values()).allMatch((earlier) -> earlier < revision);
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	private static Map<String, Long> read(KVGrpc.KVBlockingStub kv) {
		RangeResponse all = kv
			.range(RangeRequest.newBuilder().setKey(utf8("key")).setRangeEnd(utf8("kez")).setKeysOnly(true).build());
		Map<String, Long> revisions = new TreeMap<>();
		all.getKvsList().forEach((pair) -> revisions.put(pair.getKey().toStringUtf8(), pair.getModRevision()));
		return revisions;
	}

	private static ServingStatus check(ManagedChannel channel) {
		return HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()).getStatus();
	}

	private static PutRequest put(String key) {
		return PutRequest.newBuilder().setKey(utf8(key)).setValue(VALUE).build();
	}

	private KvServer open(DiskUse use) {
		return KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.dataDirectory(this.directory)
			.build(), use);
	}

	private static ManagedChannel channel(KvServer server) {
		return NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
