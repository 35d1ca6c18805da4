package dev.kvserver.benchmarks.load.wire;

/**
 * Goes over the fields of one message, in an array that it neither copies nor changes.
 * After {@link #next()} the fields of this class describe the field of the message.
 * <p>
 * Not thread-safe.
 */
final class MessageReader {

	private static final int WIRE_VARINT = 0;

	private static final int WIRE_FIXED64 = 1;

	private static final int WIRE_BYTES = 2;

	private static final int WIRE_FIXED32 = 5;

	/** What the message lies in. */
	byte[] bytes = new byte[0];

	/** The number of the field. */
	int field;

	/** The value of a number; fixed ones are not decoded. */
	long value;

	/** Where a byte string or a nested message begins. */
	int from;

	/** Where it ends. */
	int to;

	private int at;

	private int end;

	/** Begins with the message at [start, limit). */
	void over(byte[] array, int start, int limit) {
		this.bytes = array;
		this.at = start;
		this.end = limit;
	}

	/**
	 * Steps to the next field.
	 * @return {@code false} at the end of the message
	 * @throws MalformedMessageException if this is no message
	 */
	boolean next() {
		if (this.at >= this.end) {
			return false;
		}
		long tag = varint();
		this.field = (int) (tag >>> 3);
		switch ((int) tag & 7) {
			case WIRE_VARINT -> this.value = varint();
			case WIRE_BYTES -> take(varint());
			case WIRE_FIXED64 -> take(Long.BYTES);
			case WIRE_FIXED32 -> take(Integer.BYTES);
			default -> throw new MalformedMessageException("unknown wire type " + (tag & 7));
		}
		return true;
	}

	private void take(long size) {
		if (size < 0 || size > this.end - this.at) {
			throw new MalformedMessageException("a field of " + size + " bytes where " + (this.end - this.at) + " are");
		}
		this.from = this.at;
		this.to = this.at + (int) size;
		this.at = this.to;
	}

	private long varint() {
		if (this.at < this.end) {
			byte first = this.bytes[this.at];
			if (first >= 0) {
				this.at++;
				return first;
			}
		}
		return longVarint();
	}

	private long longVarint() {
		long result = 0;
		for (int shift = 0; shift < Long.SIZE; shift += 7) {
			if (this.at >= this.end) {
				throw new MalformedMessageException("a number is cut off");
			}
			byte next = this.bytes[this.at++];
			result |= (next & 0x7fL) << shift;
			if (next >= 0) {
				return result;
			}
		}
		throw new MalformedMessageException("a number of more than ten bytes");
	}

}
