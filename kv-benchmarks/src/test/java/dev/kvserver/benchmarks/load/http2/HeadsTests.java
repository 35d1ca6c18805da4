package dev.kvserver.benchmarks.load.http2;

import java.util.List;
import java.util.SplittableRandom;

import dev.kvserver.benchmarks.load.wire.Rpc;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Header blocks against Netty's encoder and decoder. */
class HeadsTests {

	@Test
	void everyRequestHeadIsDecodedInAnyOrder() throws Http2Exception {
		RequestHeads heads = new RequestHeads("127.0.0.1:2379");
		DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();
		SplittableRandom random = new SplittableRandom(7);
		List<Rpc> rpcs = List.of(Rpc.values());
		for (int i = 0; i < 500; i++) {
			Rpc rpc = rpcs.get(random.nextInt(rpcs.size()));
			Http2Headers headers = decoder.decodeHeaders(2 * i + 1, Unpooled.wrappedBuffer(heads.block(rpc)));
			assertThat(headers.method()).hasToString("POST");
			assertThat(headers.scheme()).hasToString("http");
			assertThat(headers.path()).hasToString(rpc.path());
			assertThat(headers.authority()).hasToString("127.0.0.1:2379");
			assertThat(headers.get("te")).hasToString("trailers");
			assertThat(headers.get("content-type")).hasToString("application/grpc");
			assertThat(headers.size()).isEqualTo(7);
		}
	}

	@Test
	void requestHeadIsShortWhenAllOfItWasSent() {
		RequestHeads heads = new RequestHeads("127.0.0.1:2379");
		assertThat(heads.block(Rpc.PUT)).hasSizeGreaterThan(50);
		assertThat(heads.block(Rpc.PUT)).hasSize(7);
		assertThat(heads.block(Rpc.RANGE)).hasSizeBetween(20, 40);
		assertThat(heads.block(Rpc.RANGE)).hasSize(7);
		assertThat(heads.block(Rpc.PUT)).hasSize(7);
	}

	/**
	 * Known heads, and now and then one that changes the encoder's table, so that the
	 * same bytes mean something else later.
	 */
	@Test
	void responseHeadsAreDecodedAsTheyWereEncoded() throws Exception {
		DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
		ResponseHeads heads = new ResponseHeads();
		SplittableRandom random = new SplittableRandom(7);
		for (int i = 0; i < 5_000; i++) {
			int status = random.nextInt(17);
			String message = (status == 0) ? "" : "message " + random.nextInt(100);
			DefaultHttp2Headers headers = new DefaultHttp2Headers();
			if (random.nextBoolean()) {
				headers.status("200").set("content-type", "application/grpc");
			}
			headers.set("grpc-status", Integer.toString(status)).set("grpc-message", message);
			if (random.nextInt(20) == 0) {
				headers.set("x-other-" + random.nextInt(50), "value " + random.nextInt(50));
			}
			ResponseHead head = decode(heads, encoder, headers);
			assertThat(head.httpStatus()).isEqualTo((headers.status() == null) ? 0 : 200);
			assertThat(head.grpcStatus()).isEqualTo(status);
			assertThat(head.grpcMessage()).isEqualTo(message);
		}
	}

	@Test
	void headWithoutGrpcStatusIsKnownAsSuch() throws Exception {
		ResponseHead head = decode(new ResponseHeads(), new DefaultHttp2HeadersEncoder(),
				new DefaultHttp2Headers().status("503"));
		assertThat(head).isEqualTo(new ResponseHead(503, -1, ""));
	}

	@Test
	void messagesArePercentDecoded() {
		List<String> encoded = List.of("plain", "50%25", "%E2%82%AC!", "%", "%2", "%zz", "a%20b");
		assertThat(encoded).map(ResponseHeads::percentDecoded)
			.containsExactly("plain", "50%", "\u20ac!", "%", "%2", "%zz", "a b");
	}

	private static ResponseHead decode(ResponseHeads heads, DefaultHttp2HeadersEncoder encoder, Http2Headers headers)
			throws Http2Exception {
		ByteBuf block = Unpooled.buffer();
		encoder.encodeHeaders(1, headers, block);
		byte[] bytes = ByteBufUtil.getBytes(block);
		return heads.decode(1, bytes, 0, bytes.length);
	}

}
