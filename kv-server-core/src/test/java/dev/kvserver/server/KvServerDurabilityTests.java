package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.server.port.PortOptions;
import dev.kvserver.server.storage.StorageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** A server on a real directory, stopped and started again. */
class KvServerDurabilityTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	@SuppressWarnings("NullAway.Init")
	Path directory;

	@Test
	void aRestartKeepsKeysRevisionsHistoryAndLeases() throws Exception {
		try (KvServer server = open()) {
			server.store()
				.leaseGrant(LeaseGrantRequest.newBuilder().setID(7).setTTL(300).build())
				.get(20, TimeUnit.SECONDS);
			server.store().put("a", utf8("1"), TIMEOUT);
			server.store().put("a", utf8("2"), TIMEOUT);
			server.store()
				.put(PutRequest.newBuilder().setKey(utf8("l")).setValue(utf8("x")).setLease(7).build())
				.get(20, TimeUnit.SECONDS);
			server.store().put("gone", utf8("y"), TIMEOUT);
			server.store().delete("gone", TIMEOUT);
			server.store().compact(CompactionRequest.newBuilder().setRevision(2).build()).get(20, TimeUnit.SECONDS);
		}
		try (KvServer server = open()) {
			RangeRequest all = RangeRequest.newBuilder().setKey(utf8("\0")).setRangeEnd(utf8("\0")).build();
			RangeResponse now = server.store().range(all).get(20, TimeUnit.SECONDS);
			assertThat(now.getHeader().getRevision()).isEqualTo(6);
			assertThat(now.getHeader().getRaftTerm()).isEqualTo(3);
			assertThat(now.getKvsList()).extracting((kv) -> kv.getKey().toStringUtf8()).containsExactly("a", "l");
			assertThat(now.getKvs(0).getVersion()).isEqualTo(2);
			assertThat(now.getKvs(1).getLease()).isEqualTo(7);
			RangeResponse before = server.store()
				.range(all.toBuilder().setRevision(2).build())
				.get(20, TimeUnit.SECONDS);
			assertThat(before.getKvs(0).getValue()).isEqualTo(utf8("1"));
			assertThat(server.store().leaseKeepAlive(7).get(20, TimeUnit.SECONDS).getTTL()).isEqualTo(300);
			assertThat(server.store().put("b", utf8("3"), TIMEOUT)).isEqualTo(7);
		}
	}

	@Test
	void aDirectoryInUseIsRefused() {
		try (KvServer server = open()) {
			assertThat(server.health().up()).isTrue();
			assertThatExceptionOfType(StorageException.class).isThrownBy(this::open)
				.withMessageContaining(this.directory.toString())
				.withMessageContaining("in use by another server");
		}
		open().close();
	}

	private KvServer open() {
		return KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.dataDirectory(this.directory)
			.build());
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
