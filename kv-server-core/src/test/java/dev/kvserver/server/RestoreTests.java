package dev.kvserver.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.SnapshotRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotResponse;
import dev.kvserver.server.port.PortOptions;
import dev.kvserver.server.snapshot.DatabaseImport;
import dev.kvserver.server.storage.RestoreException;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** A snapshot of one server becomes the data of another. */
class RestoreTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final int TAIL_BYTES = 32;

	@TempDir
	@SuppressWarnings("NullAway.Init")
	Path directory;

	@Test
	void restoredServerHasKeysHistoryCompactionAndLeases() throws Exception {
		Path snapshot = snapshot();
		try (KvServer server = open("data", snapshot)) {
			assertThatDataIsThere(server);
			assertThat(server.store().put("b", utf8("x"), TIMEOUT)).isEqualTo(7);
		}
		try (KvServer server = open("data", null)) {
			assertThat(server.store().get("b", TIMEOUT)).isEqualTo(utf8("x"));
		}
	}

	@Test
	void databaseWithoutChecksumIsRestoredToo() throws Exception {
		byte[] file = Files.readAllBytes(snapshot());
		Path database = Files.write(this.directory.resolve("db"), Arrays.copyOf(file, file.length - TAIL_BYTES));
		try (KvServer server = open("data", database)) {
			assertThatDataIsThere(server);
		}
	}

	@Test
	void directoryThatIsNotEmptyIsRefusedAndLeftAsItIs() throws Exception {
		Path snapshot = snapshot();
		open("data", snapshot).close();
		assertThatExceptionOfType(RestoreException.class).isThrownBy(() -> open("data", snapshot))
			.withMessageContaining(this.directory.resolve("data").toString())
			.withMessageContaining("is not empty")
			.withMessageContaining("start without restoring");
		open("data", null).close();
		Files.createDirectories(this.directory.resolve("other"));
		Files.createFile(this.directory.resolve("other/notes.txt"));
		assertThatExceptionOfType(RestoreException.class).isThrownBy(() -> open("other", snapshot))
			.withMessageContaining("notes.txt");
		assertThat(files("other")).containsExactly("notes.txt");
	}

	@Test
	void damagedTruncatedAndForeignFilesAreRefusedAndTheDirectoryIsUntouched() throws Exception {
		byte[] file = Files.readAllBytes(snapshot());
		byte[] flipped = file.clone();
		flipped[file.length / 2] ^= 4;
		assertThatIsRefused(flipped, "its checksum, at offset " + (file.length - TAIL_BYTES) + ", is wrong");
		assertThatIsRefused(Arrays.copyOf(flipped, file.length / 4096 / 2 * 4096), "it ends there");
		assertThatIsRefused(Arrays.copyOf(file, file.length - 4096), "it ends there");
		assertThatIsRefused(new byte[100_000], "is no bbolt file");
		assertThatIsRefused("hello".getBytes(StandardCharsets.US_ASCII), "is no bbolt file");
		byte[] withoutTail = Arrays.copyOf(file, file.length - TAIL_BYTES);
		int name = new String(withoutTail, StandardCharsets.ISO_8859_1).lastIndexOf("key");
		withoutTail[name + 2] = 'x';
		assertThatIsRefused(withoutTail, "not one of etcd: it has no bucket 'key'");
	}

	private void assertThatIsRefused(byte[] content, String message) throws IOException {
		Path file = Files.write(this.directory.resolve("bad.db"), content);
		assertThatExceptionOfType(RestoreException.class).isThrownBy(() -> open("data", file))
			.withMessageContaining(file.toString())
			.withMessageContaining(message);
		assertThat(this.directory.resolve("data")).doesNotExist();
	}

	/** Whatever single byte is changed, a server starts or refuses; it does not break. */
	@Test
	void databaseWithAnyByteChangedIsRefusedOrRestored() throws Exception {
		byte[] file = Files.readAllBytes(snapshot());
		byte[] database = Arrays.copyOf(file, file.length - TAIL_BYTES);
		int refused = 0;
		for (int page = 0; page < database.length; page += 4096) {
			for (int at = 0; at < 4096; at += (at < 64) ? 5 : 401) {
				refused += isRefused(database, page + at) ? 1 : 0;
			}
		}
		assertThat(refused).isGreaterThan(20);
	}

	private boolean isRefused(byte[] database, int changedAt) throws IOException {
		byte[] changed = database.clone();
		changed[changedAt] ^= 0x41;
		Path bad = Files.write(this.directory.resolve("changed.db"), changed);
		try {
			DatabaseImport.open(bad).close();
			return false;
		}
		catch (RestoreException ex) {
			assertThat(ex).hasMessageContaining(bad.toString());
			return true;
		}
	}

	@Test
	void absentFileAndDirectoryAreRefused() {
		assertThatExceptionOfType(RestoreException.class)
			.isThrownBy(() -> open("data", this.directory.resolve("nowhere")))
			.withMessageContaining("there is no such file");
		assertThatExceptionOfType(RestoreException.class).isThrownBy(() -> open("data", this.directory))
			.withMessageContaining("member/snap/db");
		assertThat(this.directory.resolve("data")).doesNotExist();
	}

	/** A crash may come at any time until the meta file is there. */
	@Test
	void interruptedRestoreIsNoDataAndIsRepeated() throws Exception {
		Path snapshot = snapshot();
		open("data", snapshot).close();
		Path data = this.directory.resolve("data");
		Files.delete(data.resolve("meta"));
		Files.createFile(data.resolve("restore"));
		assertThatExceptionOfType(RestoreException.class).isThrownBy(() -> open("data", null))
			.withMessageContaining("was interrupted");
		Files.writeString(data.resolve("db/CURRENT"), "torn");
		try (KvServer server = open("data", snapshot)) {
			assertThatDataIsThere(server);
		}
		assertThat(files("data")).doesNotContain("restore").contains("meta");
		open("data", null).close();
	}

	@Test
	void dataInMemoryIsNotRestored() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> KvServerOptions.builder().restoreFrom(Path.of("x")).build())
			.withMessageContaining("restoreFrom");
	}

	private static void assertThatDataIsThere(KvServer server) throws Exception {
		RangeRequest all = RangeRequest.newBuilder().setKey(utf8("\0")).setRangeEnd(utf8("\0")).build();
		RangeResponse now = server.store().range(all).get(20, TimeUnit.SECONDS);
		assertThat(now.getHeader().getRevision()).isEqualTo(6);
		assertThat(now.getKvsList()).extracting((kv) -> kv.getKey().toStringUtf8()).containsExactly("a", "l", "large");
		assertThat(now.getKvs(0).getVersion()).isEqualTo(3);
		assertThat(now.getKvs(1).getLease()).isEqualTo(7);
		assertThat(now.getKvs(2).getValue().size()).isEqualTo(100_000);
		RangeResponse before = server.store().range(all.toBuilder().setRevision(3).build()).get(20, TimeUnit.SECONDS);
		assertThat(before.getKvs(0).getValue()).isEqualTo(utf8("2"));
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> server.store().range(all.toBuilder().setRevision(2).build()).get(20, TimeUnit.SECONDS))
			.withMessageContaining("required revision has been compacted");
		assertThat(server.store().leaseKeepAlive(7).get(20, TimeUnit.SECONDS).getTTL()).isEqualTo(300);
	}

	/** Up to revision 6, compacted at 3. */
	private Path snapshot() throws Exception {
		try (KvServer server = open("original", null)) {
			server.store()
				.leaseGrant(LeaseGrantRequest.newBuilder().setID(7).setTTL(300).build())
				.get(20, TimeUnit.SECONDS);
			server.store().put("a", utf8("1"), TIMEOUT);
			server.store().put("a", utf8("2"), TIMEOUT);
			server.store()
				.put(PutRequest.newBuilder().setKey(utf8("l")).setValue(utf8("x")).setLease(7).build())
				.get(20, TimeUnit.SECONDS);
			server.store().put("a", utf8("3"), TIMEOUT);
			server.store().put("large", ByteString.copyFrom(new byte[100_000]), TIMEOUT);
			server.store().compact(CompactionRequest.newBuilder().setRevision(3).build()).get(20, TimeUnit.SECONDS);
			server.listen();
			return save(server);
		}
	}

	private Path save(KvServer server) throws IOException {
		ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
		try {
			ByteString file = ByteString.EMPTY;
			Iterator<SnapshotResponse> responses = MaintenanceGrpc.newBlockingStub(channel)
				.snapshot(SnapshotRequest.getDefaultInstance());
			while (responses.hasNext()) {
				file = file.concat(responses.next().getBlob());
			}
			return Files.write(this.directory.resolve("snapshot.db"), file.toByteArray());
		}
		finally {
			channel.shutdownNow();
		}
	}

	private List<String> files(String name) throws IOException {
		try (Stream<Path> files = Files.list(this.directory.resolve(name))) {
			return files.map((file) -> file.getFileName().toString()).sorted().toList();
		}
	}

	private KvServer open(String data, @Nullable Path restoreFrom) {
		return KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.dataDirectory(this.directory.resolve(data))
			.restoreFrom(restoreFrom)
			.build());
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
