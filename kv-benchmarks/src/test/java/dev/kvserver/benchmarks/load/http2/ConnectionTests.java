package dev.kvserver.benchmarks.load.http2;

import java.nio.charset.StandardCharsets;

import dev.kvserver.benchmarks.load.wire.Rpc;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** A connection whose server is played by the test, frame by frame. */
class ConnectionTests {

	private final LoadLoop loop = new LoadLoop();

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final Connection connection = new Connection(this.loop, this.channel, "127.0.0.1:2379");

	private final FrameWriter server = new FrameWriter();

	private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();

	private final Recorded recorded = new Recorded();

	private final Call call = new Call(this.recorded);

	@BeforeEach
	void begin() throws Http2Exception {
		byte[] sent = sent();
		assertThat(new String(sent, 0, 24, StandardCharsets.US_ASCII)).isEqualTo("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
		this.server.settings();
		serve();
		assertThat(frames()).isEqualTo("4.1#0:0");
		assertThat(this.connection.ready()).isCompleted();
	}

	@AfterEach
	void end() {
		this.loop.close();
	}

	@Test
	void unaryCallIsSentAndAnswered() throws Http2Exception {
		this.connection.start(this.call, Rpc.PUT, new byte[] { 9, 9, 9 }, 2, true);
		assertThat(frames()).matches("1\\.4#1:\\d+ 0\\.1#1:2");
		head(1, 0, new DefaultHttp2Headers().status("200"));
		data(1, 0, 0, 0, 0, 0, 1, 42);
		head(1, Frames.FLAG_END_STREAM, new DefaultHttp2Headers().set("grpc-status", "0"));
		serve();
		assertThat(this.recorded.seen).containsExactly("[42]", "closed 0 ");
		assertThat(this.call.isOpen()).isFalse();
	}

	@Test
	void errorHasStatusAndMessage() throws Http2Exception {
		this.connection.start(this.call, Rpc.PUT, new byte[0], 0, true);
		head(1, Frames.FLAG_END_STREAM,
				new DefaultHttp2Headers().status("200").set("grpc-status", "3").set("grpc-message", "no%20key"));
		serve();
		assertThat(this.recorded.seen).containsExactly("closed 3 no key");
	}

	@Test
	void endWithoutStatusIsAnError() throws Http2Exception {
		this.connection.start(this.call, Rpc.PUT, new byte[0], 0, true);
		head(1, Frames.FLAG_END_STREAM, new DefaultHttp2Headers().status("200"));
		serve();
		assertThat(this.recorded.seen).containsExactly("closed 100 no grpc-status");
	}

	@Test
	void httpErrorIsAnError() throws Http2Exception {
		this.connection.start(this.call, Rpc.PUT, new byte[0], 0, true);
		head(1, Frames.FLAG_END_STREAM, new DefaultHttp2Headers().status("404"));
		serve();
		assertThat(this.recorded.seen).containsExactly("closed 103 HTTP status 404");
	}

	@Test
	void resetEndsTheCall() throws Http2Exception {
		this.connection.start(this.call, Rpc.PUT, new byte[0], 0, true);
		this.server.reset(1, 7);
		serve();
		assertThat(this.recorded.seen).containsExactly("closed 102 the server reset the stream with error 7");
	}

	@Test
	void largeRequestIsCutIntoFramesAndWaitsForTheWindow() throws Http2Exception {
		this.connection.start(this.call, Rpc.TXN, new byte[100_000], 100_000, true);
		assertThat(frames()).endsWith(" 0.0#1:16384 0.0#1:16384 0.0#1:16384 0.0#1:16383");
		this.server.windowUpdate(0, 100_000);
		serve();
		assertThat(frames()).isEmpty();
		this.server.windowUpdate(1, 20_000);
		serve();
		assertThat(frames()).isEqualTo("0.0#1:16384 0.0#1:3616");
		this.server.windowUpdate(1, 20_000);
		serve();
		assertThat(frames()).isEqualTo("0.1#1:14465");
	}

	@Test
	void callsThatWaitAreSentInTurnWhenTheConnectionWindowOpens() throws Http2Exception {
		Call second = new Call(this.recorded);
		this.connection.start(this.call, Rpc.TXN, new byte[65_000], 65_000, true);
		this.connection.start(second, Rpc.TXN, new byte[1_000], 1_000, true);
		assertThat(frames()).endsWith(" 0.0#3:535");
		this.server.windowUpdate(0, 1);
		serve();
		assertThat(frames()).isEqualTo("0.0#3:1");
		this.server.windowUpdate(0, 1_000);
		serve();
		assertThat(frames()).isEqualTo("0.1#3:464");
	}

	@Test
	void windowOfNewSettingsHoldsForCallsUnderWay() throws Http2Exception {
		this.server.settings(Frames.SETTING_INITIAL_WINDOW_SIZE, 10, Frames.SETTING_MAX_CONCURRENT_STREAMS, 3);
		serve();
		assertThat(this.connection.streamsMax()).isEqualTo(3);
		assertThat(frames()).isEqualTo("4.1#0:0");
		this.connection.start(this.call, Rpc.TXN, new byte[15], 15, true);
		assertThat(frames()).endsWith(" 0.0#1:10");
		this.server.settings(Frames.SETTING_INITIAL_WINDOW_SIZE, 20);
		serve();
		assertThat(frames()).isEqualTo("0.1#1:5 4.1#0:0");
	}

	@Test
	void pingIsAnswered() throws Http2Exception {
		this.server.frame(Frames.PING, 0, 0, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, 0, 8);
		this.server.frame(Frames.PING, Frames.FLAG_ACK, 0, new byte[8], 0, 8);
		serve();
		assertThat(frames()).isEqualTo("6.1#0:8");
	}

	@Test
	void headerBlockInPartsAndPaddingAreRead() throws Http2Exception {
		this.connection.start(this.call, Rpc.PUT, new byte[0], 0, true);
		byte[] block = block(new DefaultHttp2Headers().status("200").set("grpc-status", "5").set("grpc-message", "x"));
		byte[] padded = new byte[3 + 5 + 2];
		padded[0] = 2;
		System.arraycopy(block, 0, padded, 1 + 5, 2);
		this.server.frame(Frames.HEADERS, Frames.FLAG_END_STREAM | Frames.FLAG_PADDED | Frames.FLAG_PRIORITY, 1, padded,
				0, padded.length);
		this.server.frame(Frames.CONTINUATION, 0, 1, block, 2, 1);
		this.server.frame(Frames.CONTINUATION, Frames.FLAG_END_HEADERS, 1, block, 3, block.length - 3);
		serve();
		assertThat(this.recorded.seen).containsExactly("closed 5 x");
	}

	@Test
	void paddedDataIsRead() throws Http2Exception {
		this.connection.start(this.call, Rpc.PUT, new byte[0], 0, true);
		head(1, 0, new DefaultHttp2Headers().status("200"));
		byte[] padded = { 3, 0, 0, 0, 0, 1, 42, 0, 0, 0 };
		this.server.frame(Frames.DATA, Frames.FLAG_PADDED, 1, padded, 0, padded.length);
		serve();
		assertThat(this.recorded.seen).containsExactly("[42]");
	}

	@Test
	void lostConnectionEndsEveryCallOnceAndThoseThatFollow() {
		Recorded other = new Recorded();
		this.connection.start(this.call, Rpc.PUT, new byte[0], 0, true);
		this.connection.lost("gone");
		this.connection.lost("gone again");
		this.connection.start(new Call(other), Rpc.PUT, new byte[0], 0, true);
		assertThat(this.recorded.seen).containsExactly("closed 101 gone");
		assertThat(other.seen).containsExactly("closed 101 gone");
	}

	@Test
	void smallHeaderTableIsAnError() {
		this.server.settings(Frames.SETTING_HEADER_TABLE_SIZE, 100);
		assertThatExceptionOfType(Http2Exception.class).isThrownBy(this::serve)
			.withMessage("the server's header table is too small");
	}

	@Test
	void goAwayIsAnError() {
		this.server.frame(Frames.GOAWAY, 0, 0, new byte[8], 0, 8);
		assertThatExceptionOfType(Http2Exception.class).isThrownBy(this::serve)
			.withMessage("the server sent GOAWAY with error 0");
	}

	@Test
	void canceledCallIsResetAndHearsNothingMore() throws Http2Exception {
		this.connection.start(this.call, Rpc.PUT, new byte[0], 0, true);
		frames();
		this.connection.cancel(this.call);
		assertThat(frames()).isEqualTo("3.0#1:4");
		head(1, Frames.FLAG_END_STREAM, new DefaultHttp2Headers().status("200").set("grpc-status", "0"));
		serve();
		assertThat(this.recorded.seen).isEmpty();
		assertThat(this.call.isOpen()).isFalse();
	}

	private void head(int streamId, int flags, Http2Headers headers) throws Http2Exception {
		byte[] block = block(headers);
		this.server.frame(Frames.HEADERS, flags | Frames.FLAG_END_HEADERS, streamId, block, 0, block.length);
	}

	private byte[] block(Http2Headers headers) throws Http2Exception {
		ByteBuf block = Unpooled.buffer();
		this.encoder.encodeHeaders(1, headers, block);
		return ByteBufUtil.getBytes(block);
	}

	private void data(int streamId, int flags, int... values) {
		byte[] bytes = new byte[values.length];
		for (int i = 0; i < bytes.length; i++) {
			bytes[i] = (byte) values[i];
		}
		this.server.frame(Frames.DATA, flags, streamId, bytes, 0, bytes.length);
	}

	/** Lets the connection read what the server has written. */
	private void serve() throws Http2Exception {
		this.connection.reader().read(Unpooled.wrappedBuffer(this.server.array(), 0, this.server.length()));
		this.server.clear();
	}

	/** What the connection has sent since the last time, as type.flags#stream:length. */
	private String frames() {
		StringBuilder text = new StringBuilder();
		FrameReader reader = new FrameReader(
				(type, flags, streamId, bytes, from, to) -> text.append(text.isEmpty() ? "" : " ")
					.append(type + "." + flags + "#" + streamId + ":" + (to - from)));
		try {
			reader.read(Unpooled.wrappedBuffer(sent()));
		}
		catch (Http2Exception ex) {
			throw new AssertionError(ex);
		}
		return text.toString();
	}

	private byte[] sent() {
		this.connection.flush();
		ByteBuf all = Unpooled.buffer();
		for (ByteBuf part = this.channel.readOutbound(); part != null; part = this.channel.readOutbound()) {
			all.writeBytes(part);
			part.release();
		}
		return ByteBufUtil.getBytes(all);
	}

}
