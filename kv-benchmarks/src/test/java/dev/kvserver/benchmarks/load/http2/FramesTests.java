package dev.kvserver.benchmarks.load.http2;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Exception;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Frames and messages that come in pieces. */
class FramesTests {

	@Test
	void framesAreTheSameHoweverTheyAreCut() throws Http2Exception {
		FrameWriter writer = new FrameWriter();
		byte[] payload = "payload".getBytes(StandardCharsets.US_ASCII);
		writer.frame(Frames.DATA, Frames.FLAG_END_STREAM, 70_001, payload, 0, payload.length);
		writer.settings(Frames.SETTING_INITIAL_WINDOW_SIZE, 1 << 30);
		writer.windowUpdate(0, 5);
		for (int first = 0; first <= writer.length(); first++) {
			List<String> seen = new ArrayList<>();
			FrameReader reader = new FrameReader((type, flags, streamId, bytes, from, to) -> seen
				.add(type + " " + flags + " " + streamId + " " + (to - from)));
			reader.read(Unpooled.wrappedBuffer(writer.array(), 0, first));
			reader.read(Unpooled.wrappedBuffer(writer.array(), first, writer.length() - first));
			assertThat(seen).containsExactly("0 1 70001 7", "4 0 0 6", "8 0 0 4");
		}
	}

	@Test
	void frameLargerThanAllowedIsRefused() {
		FrameReader reader = new FrameReader((type, flags, streamId, bytes, from, to) -> {
		});
		byte[] head = { 0, 0x40, 1, 0, 0, 0, 0, 0, 1 };
		assertThatExceptionOfType(Http2Exception.class).isThrownBy(() -> reader.read(Unpooled.wrappedBuffer(head)))
			.withMessage("a frame of 16385 bytes");
	}

	@Test
	void messagesAreTheSameHoweverTheyAreCut() {
		byte[] bytes = { 0, 0, 0, 0, 2, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 4, 5 };
		for (int first = 0; first <= bytes.length; first++) {
			for (int second = first; second <= bytes.length; second++) {
				Recorded recorded = new Recorded();
				Call call = open(recorded);
				call.data(bytes, 0, first);
				call.data(bytes, first, second);
				call.data(bytes, second, bytes.length);
				assertThat(recorded.seen).containsExactly("[1, 2]", "[]", "[3, 4, 5]");
			}
		}
	}

	@Test
	void compressedMessageEndsInAnError() {
		Recorded recorded = new Recorded();
		Call call = open(recorded);
		call.data(new byte[] { 1, 0, 0, 0, 0 }, 0, 5);
		call.closed();
		assertThat(recorded.seen).containsExactly("closed 104 a compressed message, or one of 0 bytes");
	}

	private static Call open(Recorded recorded) {
		Call call = new Call(recorded);
		call.opened(1, 0);
		call.head(new ResponseHead(200, -1, ""));
		return call;
	}

}
