package dev.kvserver.benchmarks.load.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * One key-value of a reply or an event, still in the bytes it came in. Valid only while
 * it is being handed out.
 */
public final class KeyValueView {

	private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

	private final MessageReader reader = new MessageReader();

	private byte[] bytes = new byte[0];

	private int keyFrom;

	private int keyTo;

	private int valueFrom;

	private int valueTo;

	private long modRevision;

	private long version;

	/** Reads the message at [from, to) of the array. */
	void read(byte[] array, int from, int to) {
		this.bytes = array;
		this.keyFrom = 0;
		this.keyTo = 0;
		this.valueFrom = 0;
		this.valueTo = 0;
		this.modRevision = 0;
		this.version = 0;
		this.reader.over(array, from, to);
		while (this.reader.next()) {
			take(this.reader);
		}
	}

	private void take(MessageReader field) {
		switch (field.field) {
			case 1 -> {
				this.keyFrom = field.from;
				this.keyTo = field.to;
			}
			case 3 -> this.modRevision = field.value;
			case 4 -> this.version = field.value;
			case 5 -> {
				this.valueFrom = field.from;
				this.valueTo = field.to;
			}
			default -> {
				// What is not checked is not kept.
			}
		}
	}

	/**
	 * The revision of the latest change.
	 * @return the revision, 0 if it was absent
	 */
	public long modRevision() {
		return this.modRevision;
	}

	/**
	 * The changes since the key was created.
	 * @return the version, 0 for a deleted key
	 */
	public long version() {
		return this.version;
	}

	/**
	 * What the key and the value lie in.
	 * @return the array, not to be changed
	 */
	public byte[] array() {
		return this.bytes;
	}

	/**
	 * Where the key begins.
	 * @return an index of {@link #array()}
	 */
	public int keyOffset() {
		return this.keyFrom;
	}

	/**
	 * The length of the key.
	 * @return bytes
	 */
	public int keyLength() {
		return this.keyTo - this.keyFrom;
	}

	/**
	 * The length of the value.
	 * @return bytes
	 */
	public int valueLength() {
		return this.valueTo - this.valueFrom;
	}

	/**
	 * The number that a value begins with.
	 * @return the first eight bytes, least significant first; -1 for a shorter value
	 */
	public long valueStamp() {
		return (valueLength() < Long.BYTES) ? -1 : (long) LONG.get(this.bytes, this.valueFrom);
	}

	/**
	 * Whether the value is this one.
	 * @param expected the bytes
	 * @return whether length and bytes are equal
	 */
	public boolean valueEquals(byte[] expected) {
		return Arrays.equals(this.bytes, this.valueFrom, this.valueTo, expected, 0, expected.length);
	}

}
