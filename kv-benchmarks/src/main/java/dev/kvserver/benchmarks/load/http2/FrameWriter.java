package dev.kvserver.benchmarks.load.http2;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Collects the frames that a connection is to send next. */
final class FrameWriter {

	private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

	private byte[] bytes = new byte[Frames.DEFAULT_FRAME_BYTES];

	private int length;

	byte[] array() {
		return this.bytes;
	}

	int length() {
		return this.length;
	}

	void clear() {
		this.length = 0;
	}

	/** What a connection begins with. */
	void preface() {
		put(PREFACE, 0, PREFACE.length);
	}

	void frame(int type, int flags, int streamId, byte[] payload, int from, int size) {
		head(type, flags, streamId, size);
		put(payload, from, size);
	}

	/** Our settings, as pairs of setting and value. */
	void settings(int... pairs) {
		head(Frames.SETTINGS, 0, 0, pairs.length / 2 * Frames.SETTING_BYTES);
		for (int i = 0; i < pairs.length; i += 2) {
			ensure(Frames.SETTING_BYTES);
			this.bytes[this.length++] = (byte) (pairs[i] >>> 8);
			this.bytes[this.length++] = (byte) pairs[i];
			number(pairs[i + 1]);
		}
	}

	void settingsAck() {
		head(Frames.SETTINGS, Frames.FLAG_ACK, 0, 0);
	}

	void windowUpdate(int streamId, int more) {
		head(Frames.WINDOW_UPDATE, 0, streamId, Integer.BYTES);
		number(more);
	}

	void reset(int streamId, int error) {
		head(Frames.RST_STREAM, 0, streamId, Integer.BYTES);
		number(error);
	}

	private void head(int type, int flags, int streamId, int size) {
		ensure(Frames.HEADER_BYTES);
		this.bytes[this.length++] = (byte) (size >>> 16);
		this.bytes[this.length++] = (byte) (size >>> 8);
		this.bytes[this.length++] = (byte) size;
		this.bytes[this.length++] = (byte) type;
		this.bytes[this.length++] = (byte) flags;
		number(streamId);
	}

	private void number(int value) {
		ensure(Integer.BYTES);
		this.bytes[this.length++] = (byte) (value >>> 24);
		this.bytes[this.length++] = (byte) (value >>> 16);
		this.bytes[this.length++] = (byte) (value >>> 8);
		this.bytes[this.length++] = (byte) value;
	}

	private void put(byte[] source, int from, int size) {
		ensure(size);
		System.arraycopy(source, from, this.bytes, this.length, size);
		this.length += size;
	}

	private void ensure(int more) {
		if (this.bytes.length - this.length < more) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(2 * this.bytes.length, this.length + more));
		}
	}

}
