package dev.kvserver.benchmarks.load.wire;

import java.util.Arrays;

/**
 * Writes gRPC messages, one after the other, into an array that grows and is used again.
 * A field whose value is zero or empty is left out, as proto3 has it.
 * <p>
 * Not thread-safe.
 */
public final class MessageWriter {

	/** Bytes in front of each message: not compressed, and the length in four bytes. */
	public static final int PREFIX_BYTES = 5;

	private static final int VARINT_BYTES_MAX = 10;

	private static final int WIRE_BYTES = 2;

	private byte[] bytes = new byte[512];

	private int length;

	/**
	 * The bytes written so far, at the front.
	 * @return the array itself, replaced by a larger one when it is full
	 */
	public byte[] array() {
		return this.bytes;
	}

	/**
	 * How many bytes were written.
	 * @return the number of bytes, 0 or more
	 */
	public int length() {
		return this.length;
	}

	/**
	 * Forgets everything written.
	 */
	public void clear() {
		this.length = 0;
	}

	/**
	 * Begins a message behind those that are there.
	 * @return what {@link #endMessage} needs
	 */
	public int beginMessage() {
		ensure(PREFIX_BYTES);
		int start = this.length;
		Arrays.fill(this.bytes, start, start + PREFIX_BYTES, (byte) 0);
		this.length += PREFIX_BYTES;
		return start;
	}

	/**
	 * Ends a message: its length becomes known.
	 * @param start what {@link #beginMessage} returned
	 */
	public void endMessage(int start) {
		int size = this.length - start - PREFIX_BYTES;
		for (int i = PREFIX_BYTES - 1; i > 0; i--) {
			this.bytes[start + i] = (byte) size;
			size >>>= 8;
		}
	}

	/**
	 * Writes a number or a truth value.
	 * @param field the number of the field
	 * @param value the value; negative ones take ten bytes
	 */
	public void number(int field, long value) {
		if (value != 0) {
			choice(field, value);
		}
	}

	/**
	 * Writes a number that is one of several fields to choose from: being there says
	 * which one it is, so it is written even if it is zero.
	 * @param field the number of the field
	 * @param value the value
	 */
	public void choice(int field, long value) {
		ensure(2 * VARINT_BYTES_MAX);
		varint((long) field << 3);
		varint(value);
	}

	/**
	 * Writes a byte string.
	 * @param field the number of the field
	 * @param value the bytes
	 */
	public void bytes(int field, byte[] value) {
		if (value.length > 0) {
			int at = room(field, value.length);
			System.arraycopy(value, 0, this.bytes, at, value.length);
		}
	}

	/**
	 * Writes a byte string that is filled in afterwards.
	 * @param field the number of the field
	 * @param size how many bytes, above 0
	 * @return where in {@link #array()} they lie, until more is written
	 */
	public int room(int field, int size) {
		ensure(2 * VARINT_BYTES_MAX + size);
		varint((long) field << 3 | WIRE_BYTES);
		varint(size);
		int at = this.length;
		this.length += size;
		return at;
	}

	/**
	 * Begins a message within the message: what is written until {@link #close} belongs
	 * to it.
	 * @param field the number of the field
	 * @return what {@link #close} needs
	 */
	public int open(int field) {
		ensure(2 * VARINT_BYTES_MAX);
		varint((long) field << 3 | WIRE_BYTES);
		this.length++;
		return this.length;
	}

	/**
	 * Ends a message within the message. One byte was left for its length; if that is too
	 * little, the content moves.
	 * @param opened what {@link #open} returned
	 */
	public void close(int opened) {
		int size = this.length - opened;
		int lengthBytes = (38 - Integer.numberOfLeadingZeros(size | 1)) / 7;
		ensure(VARINT_BYTES_MAX);
		System.arraycopy(this.bytes, opened, this.bytes, opened + lengthBytes - 1, size);
		this.length = opened - 1;
		varint(size);
		this.length += size;
	}

	private void varint(long value) {
		long rest = value;
		while ((rest & ~0x7fL) != 0) {
			this.bytes[this.length++] = (byte) (rest | 0x80);
			rest >>>= 7;
		}
		this.bytes[this.length++] = (byte) rest;
	}

	private void ensure(int more) {
		if (this.bytes.length - this.length < more) {
			this.bytes = Arrays.copyOf(this.bytes, Math.max(2 * this.bytes.length, this.length + more));
		}
	}

}
