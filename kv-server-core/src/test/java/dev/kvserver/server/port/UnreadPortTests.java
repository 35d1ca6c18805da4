package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A client that asks for much and reads nothing, over a real connection. */
class UnreadPortTests {

	private static final String RANGE = "/etcdserverpb.KV/Range";

	private static final byte INITIAL_WINDOW_SIZE = 4;

	private static final int VALUE_BYTES = 1 << 20;

	private static final ByteString KEY = ByteString.copyFromUtf8("k");

	private static final byte[] REQUEST = RangeRequest.newBuilder().setKey(KEY).build().toByteArray();

	private final KvServer server = KvServer.open(KvServerOptions.builder()
		.valueCacheBytes(1L << 30)
		.port(PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
			.maxUnreadAnswerBytes(8 * VALUE_BYTES)
			.build())
		.build());

	@BeforeEach
	void start() throws Exception {
		this.server.listen();
		this.server.store()
			.put(PutRequest.newBuilder().setKey(KEY).setValue(ByteString.copyFrom(new byte[VALUE_BYTES])).build())
			.get();
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	/** Four answers are a little more than the half that one connection may hold. */
	@Test
	void whoDoesNotReadIsRefusedAndAnsweredAgainOnceItHasRead() throws IOException {
		try (RawHttp2 client = new RawHttp2(this.server.port()); RawHttp2 other = new RawHttp2(this.server.port())) {
			window(client, 0);
			for (int i = 0; i < 4; i++) {
				ask(client, i);
			}
			assertThat(ask(client, 5).outcome(11).status()).isEqualTo("2 etcdserver: too many requests");
			assertThat(ask(other, 0).outcome(1).status()).isEqualTo("0 ");
			window(client, 127);
			assertThat(client.outcome(7).status()).isEqualTo("0 ");
			assertThat(ask(client, 6).outcome(13).status()).isEqualTo("0 ");
		}
	}

	private static RawHttp2 ask(RawHttp2 client, int call) throws IOException {
		return client.call(2 * call + 1, RANGE).message(2 * call + 1, REQUEST, true);
	}

	private static void window(RawHttp2 client, int highest) throws IOException {
		client.frame(RawHttp2.SETTINGS, 0, 0, (byte) 0, INITIAL_WINDOW_SIZE, (byte) highest, (byte) 0, (byte) 0,
				(byte) 0);
	}

}
