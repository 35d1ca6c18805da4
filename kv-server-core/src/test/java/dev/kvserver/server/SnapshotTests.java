package dev.kvserver.server;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.SnapshotRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotResponse;
import dev.kvserver.server.mvcc.Revision;
import dev.kvserver.server.port.PortOptions;
import dev.kvserver.server.snapshot.DatabaseContent;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Snapshots of a whole server, taken over the network (etcd-contract section 2.12). */
class SnapshotTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final int TAIL_BYTES = 32;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	Path directory;

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void snapshotHoldsWhatEtcdsDatabaseWould(boolean durable) throws Exception {
		try (KvServer server = open(durable)) {
			server.store().put("a", utf8("1"), TIMEOUT);
			server.store().put("a", utf8("2"), TIMEOUT);
			server.store().delete("a", TIMEOUT);
			server.store()
				.leaseGrant(LeaseGrantRequest.newBuilder().setID(0x77).setTTL(300).build())
				.get(20, TimeUnit.SECONDS);
			server.store().compact(CompactionRequest.newBuilder().setRevision(2).build()).get(20, TimeUnit.SECONDS);
			DatabaseContent content = save(server);
			assertThat(content.names())
				.isEqualTo("alarm auth authRoles authUsers cluster key lease members members_removed meta");
			assertThat(content.bucket("key").keySet()).containsExactly(key(2, false), key(3, false), key(4, true));
			assertThat(content.bucket("lease").keySet()).containsExactly("\0\0\0\0\0\0\0w");
			assertThat(content.text("cluster", "clusterVersion")).isEqualTo("3.7.0");
			assertThat(content.text("members", "8e9e05c52164694d")).isEqualTo(
					"{\"id\":10276657743932975437,\"peerURLs\":[\"http://localhost:2380\"],\"name\":\"a \\\"b\\\"\","
							+ "\"clientURLs\":[\"http://localhost:" + server.port() + "\"]}");
			assertThat(content.text("meta", "confState"))
				.isEqualTo("{\"voters\":[10276657743932975437],\"auto_leave\":false}");
			assertThat(content.text("meta", "storageVersion")).isEqualTo("3.7.0");
			assertThat(content.meta("term")).isEqualTo(2);
			assertThat(content.meta("consistent_index")).isGreaterThanOrEqualTo(5);
			assertThat(content.bucket("meta").get("scheduledCompactRev")).isEqualTo(Revision.encode(2, 0, false));
		}
	}

	/**
	 * Each put is one log entry and one revision, so index and last revision must agree.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void snapshotIsOfOneMomentWhilePutsGoOn(boolean durable) throws Exception {
		try (KvServer server = open(durable)) {
			for (int i = 0; i < 3_000; i++) {
				server.store().put("k" + i, ByteString.copyFrom(new byte[i % 900]), TIMEOUT);
			}
			Thread writer = new Thread(() -> {
				while (!Thread.currentThread().isInterrupted()) {
					server.store().put("later", utf8("x"), TIMEOUT);
				}
			});
			writer.setUncaughtExceptionHandler((thread, ex) -> {
			});
			writer.start();
			try {
				for (int i = 0; i < 5; i++) {
					DatabaseContent content = save(server);
					long index = content.meta("consistent_index");
					assertThat(content.bucket("key")).hasSize((int) index);
					assertThat(content.bucket("key").lastKey()).isEqualTo(key(index + 1, false));
				}
			}
			finally {
				writer.interrupt();
				writer.join();
			}
		}
	}

	private DatabaseContent save(KvServer server) throws Exception {
		ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
		try {
			Path file = this.directory.resolve("snapshot.db");
			write(MaintenanceGrpc.newBlockingStub(channel).snapshot(SnapshotRequest.getDefaultInstance()), file);
			return DatabaseContent.read(file, TAIL_BYTES);
		}
		finally {
			channel.shutdownNow();
		}
	}

	private static void write(Iterator<SnapshotResponse> responses, Path file) throws Exception {
		try (OutputStream target = Files.newOutputStream(file)) {
			long remaining = -1;
			while (responses.hasNext()) {
				SnapshotResponse next = responses.next();
				byte[] blob = next.getBlob().toByteArray();
				assertThat(next.hasHeader()).isFalse();
				assertThat(next.getVersion()).isEqualTo("3.7.0");
				boolean tail = remaining == 0;
				if (remaining > 0) {
					assertThat(next.getRemainingBytes()).isEqualTo(remaining - blob.length);
				}
				assertThat(blob)
					.hasSize(tail ? TAIL_BYTES : (int) Math.min(32_768, (remaining > 0) ? remaining : blob.length));
				remaining = next.getRemainingBytes();
				target.write(blob);
			}
			assertThat(remaining).isZero();
		}
		assertThatTailIsTheDigest(Files.readAllBytes(file));
	}

	private static void assertThatTailIsTheDigest(byte[] file) throws Exception {
		assertThat(file.length % 4096).isEqualTo(TAIL_BYTES);
		MessageDigest digest = MessageDigest.getInstance("SHA-256");
		digest.update(file, 0, file.length - TAIL_BYTES);
		assertThat(Arrays.copyOfRange(file, file.length - TAIL_BYTES, file.length)).isEqualTo(digest.digest());
	}

	private KvServer open(boolean durable) throws IOException {
		KvServer server = KvServer.open(KvServerOptions.builder()
			.name("a \"b\"")
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.advertisedUrls(List.of())
			.dataDirectory(durable ? this.directory.resolve("data") : null)
			.build());
		server.listen();
		return server;
	}

	private static String key(long main, boolean tombstone) {
		return new String(Revision.encode(main, 0, tombstone), StandardCharsets.ISO_8859_1);
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
