package dev.kvserver.server.watch;

import java.util.Arrays;

/**
 * Encoded watch responses of one stream, one behind the other as gRPC puts them on the
 * wire: a zero byte (not compressed), four bytes of length, the message. So a transport
 * that can send many messages at once copies them all in one go, and any other takes them
 * one by one.
 *
 * <pre>
 *   00 00000005 <i>5 bytes</i> 00 00000007 <i>7 bytes</i>      two messages, 22 bytes
 * </pre>
 *
 * Owned by the watch loop, which uses it again as soon as it was sent.
 */
public final class ResponseBatch {

	/** The bytes before each message. */
	public static final int PREFIX_BYTES = 5;

	private static final int INITIAL_BYTES = 4 << 10;

	/** Larger buffers are not kept for further use. */
	private static final int KEPT_BYTES_MAX = 1 << 20;

	private byte[] bytes = new byte[INITIAL_BYTES];

	private int length;

	private int[] ends = new int[16];

	private int count;

	/** How many responses have events, and how many events they have. */
	private int withEvents;

	private int eventCount;

	private int untimed;

	/**
	 * The number of responses.
	 * @return the number
	 */
	public int count() {
		return this.count;
	}

	/**
	 * The size of all responses, each with its prefix.
	 * @return bytes
	 */
	public int sizeBytes() {
		return this.length;
	}

	/**
	 * Where everything is, from index 0.
	 * @return the bytes, valid up to {@link #sizeBytes()}; must not be changed or kept
	 */
	public byte[] array() {
		return this.bytes;
	}

	/**
	 * Where a response begins, its prefix not counted.
	 * @param index its number, from 0
	 * @return an index into {@link #array()}
	 */
	public int start(int index) {
		return ((index == 0) ? 0 : this.ends[index - 1]) + PREFIX_BYTES;
	}

	/**
	 * Where a response ends.
	 * @param index its number, from 0
	 * @return an index into {@link #array()}, exclusive
	 */
	public int end(int index) {
		return this.ends[index];
	}

	/** Makes room for a message of exactly this size; returns where to write it. */
	int append(int messageBytes) {
		int start = Math.addExact(this.length, PREFIX_BYTES);
		int end = Math.addExact(start, messageBytes);
		if (end > this.bytes.length) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(end, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * end)));
		}
		if (this.count == this.ends.length) {
			this.ends = Arrays.copyOf(this.ends, 2 * this.count);
		}
		writePrefix(this.length, messageBytes);
		this.length = end;
		this.ends[this.count] = end;
		this.count++;
		return start;
	}

	/** Notes that the last response has events. */
	void noteEvents(int events) {
		this.withEvents++;
		this.eventCount += events;
	}

	/** Notes that the last response is not among those whose times are told. */
	void noteUntimed() {
		this.untimed++;
	}

	int untimed() {
		return this.untimed;
	}

	int withEvents() {
		return this.withEvents;
	}

	int eventCount() {
		return this.eventCount;
	}

	private void writePrefix(int at, int messageBytes) {
		byte[] target = this.bytes;
		target[at] = 0;
		target[at + 1] = (byte) (messageBytes >>> 24);
		target[at + 2] = (byte) (messageBytes >>> 16);
		target[at + 3] = (byte) (messageBytes >>> 8);
		target[at + 4] = (byte) messageBytes;
	}

	void clear() {
		this.length = 0;
		this.count = 0;
		this.withEvents = 0;
		this.eventCount = 0;
		this.untimed = 0;
		if (this.bytes.length > KEPT_BYTES_MAX) {
			this.bytes = new byte[INITIAL_BYTES];
		}
	}

}
