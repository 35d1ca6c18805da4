package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.HashKVResponse;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.server.port.PortOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** A whole server over real gRPC and embedded. */
class KvServerTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@Test
	void networkAndEmbeddedStoreSeeTheSameData() {
		try (KvServer server = KvServer.open(options())) {
			server.listen();
			server.store().put("a", ByteString.copyFromUtf8("1"), TIMEOUT);
			ManagedChannel channel = channel(server);
			try {
				KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
				RangeResponse range = kv.range(RangeRequest.newBuilder().setKey(utf8("a")).build());
				assertThat(range.getKvs(0).getValue().toStringUtf8()).isEqualTo("1");
				assertThat(range.getHeader().getRevision()).isEqualTo(2);
				PutResponse put = kv.put(PutRequest.newBuilder().setKey(utf8("b")).setValue(utf8("2")).build());
				assertThat(put.getHeader().getRevision()).isEqualTo(3);
				assertThat(server.store().get("b", TIMEOUT)).isEqualTo(utf8("2"));
				assertThat(server.store().delete("b", TIMEOUT)).isTrue();
				assertThat(server.store().get("b", TIMEOUT)).isNull();
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	@Test
	void errorsCarryEtcdsTextAndCode() {
		try (KvServer server = KvServer.open(options())) {
			server.listen();
			ManagedChannel channel = channel(server);
			try {
				KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
				assertThatExceptionOfType(StatusRuntimeException.class)
					.isThrownBy(() -> kv.put(PutRequest.getDefaultInstance()))
					.withMessage("INVALID_ARGUMENT: etcdserver: key is not provided");
				assertThatExceptionOfType(StatusRuntimeException.class)
					.isThrownBy(() -> kv.compact(CompactionRequest.newBuilder().setRevision(9).build()))
					.withMessage("OUT_OF_RANGE: etcdserver: mvcc: required revision is a future revision");
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	@Test
	void physicalCompactionAnswersWhenHistoryIsGone() {
		try (KvServer server = KvServer.open(options())) {
			server.listen();
			for (int i = 0; i < 5_000; i++) {
				server.store().put("k" + i % 1_500, utf8("v" + i), TIMEOUT);
			}
			ManagedChannel channel = channel(server);
			try {
				KVGrpc.newBlockingStub(channel)
					.compact(CompactionRequest.newBuilder().setRevision(4_000).setPhysical(true).build());
				HashKVResponse hash = MaintenanceGrpc.newBlockingStub(channel)
					.hashKV(HashKVRequest.getDefaultInstance());
				assertThat(hash.getCompactRevision()).isEqualTo(4_000);
				assertThat(hash.getHashRevision()).isEqualTo(5_001);
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	@Test
	void listensAgainOnThePortItHadWithTheDataItHad() {
		try (KvServer server = KvServer.open(options())) {
			server.listen();
			int port = server.port();
			server.store().put("a", utf8("1"), TIMEOUT);
			server.stopListening();
			server.listen();
			assertThat(server.port()).isEqualTo(port);
			assertThat(server.store().get("a", TIMEOUT)).isEqualTo(utf8("1"));
		}
	}

	private static KvServerOptions options() {
		return KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.build();
	}

	private static ManagedChannel channel(KvServer server) {
		return NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
