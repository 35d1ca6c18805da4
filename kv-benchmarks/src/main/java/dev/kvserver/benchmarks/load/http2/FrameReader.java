package dev.kvserver.benchmarks.load.http2;

import java.util.Arrays;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * Cuts what comes from a connection into frames. A frame of which only a part is here
 * waits for the rest.
 */
final class FrameReader {

	private final FrameSink sink;

	private byte[] bytes = new byte[4 * Frames.DEFAULT_FRAME_BYTES];

	/** Bytes of a frame that is not complete, at the front. */
	private int length;

	FrameReader(FrameSink sink) {
		this.sink = sink;
	}

	/** Takes all that is readable. */
	void read(ByteBuf in) throws Http2Exception {
		int more = in.readableBytes();
		if (this.bytes.length < this.length + more) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(2 * this.bytes.length, this.length + more));
		}
		in.readBytes(this.bytes, this.length, more);
		this.length += more;
		int used = frames();
		System.arraycopy(this.bytes, used, this.bytes, 0, this.length - used);
		this.length -= used;
	}

	/** Hands out the complete frames, and returns where the first that is not begins. */
	private int frames() throws Http2Exception {
		byte[] b = this.bytes;
		int at = 0;
		while (this.length - at >= Frames.HEADER_BYTES) {
			int size = (b[at] & 0xff) << 16 | (b[at + 1] & 0xff) << 8 | (b[at + 2] & 0xff);
			if (size > Frames.DEFAULT_FRAME_BYTES) {
				throw new Http2Exception(Http2Error.FRAME_SIZE_ERROR, "a frame of " + size + " bytes");
			}
			int from = at + Frames.HEADER_BYTES;
			if (this.length - from < size) {
				break;
			}
			int streamId = number(b, at + 5) & Integer.MAX_VALUE;
			this.sink.frame(b[at + 3] & 0xff, b[at + 4] & 0xff, streamId, b, from, from + size);
			at = from + size;
		}
		return at;
	}

	/** Four bytes, most significant first. */
	static int number(byte[] b, int at) {
		return (b[at] & 0xff) << 24 | (b[at + 1] & 0xff) << 16 | (b[at + 2] & 0xff) << 8 | (b[at + 3] & 0xff);
	}

}
