package dev.kvserver.server.key;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import org.jspecify.annotations.Nullable;

/**
 * Moves byte strings between the wire ({@link ByteString}) and the index (plain arrays,
 * whose comparison the JVM compiles to vector instructions) without copying where that is
 * safe: both sides treat the bytes as immutable.
 */
public final class Bytes {

	private Bytes() {
	}

	/**
	 * The content of {@code bytes} as an array. A string that is backed by one whole
	 * array is not copied, so the result must never be changed.
	 * @param bytes the byte string
	 * @return its content
	 */
	public static byte[] of(ByteString bytes) {
		WholeArray whole = new WholeArray(bytes.size());
		try {
			UnsafeByteOperations.unsafeWriteTo(bytes, whole);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return (whole.array != null) ? whole.array : bytes.toByteArray();
	}

	/**
	 * A byte string over {@code bytes}, not copied: the array must not change afterwards.
	 * @param bytes the content
	 * @return the byte string
	 */
	public static ByteString wrap(byte[] bytes) {
		return UnsafeByteOperations.unsafeWrap(bytes);
	}

	/**
	 * A readable form for messages and logs: printable ASCII as it is, everything else as
	 * {@code \xNN}.
	 * @param bytes the content
	 * @return the text
	 */
	public static String toText(byte[] bytes) {
		StringBuilder text = new StringBuilder(bytes.length);
		for (byte b : bytes) {
			if (b >= 0x20 && b < 0x7f) {
				text.append((char) b);
			}
			else {
				text.append(String.format("\\x%02x", b & 0xff));
			}
		}
		return text.toString();
	}

	/** Takes the array behind a byte string, if one array is exactly that string. */
	private static final class WholeArray extends ByteOutput {

		private final int size;

		private byte @Nullable [] array;

		WholeArray(int size) {
			this.size = size;
		}

		@Override
		public void write(byte value) {
			this.array = null;
		}

		@Override
		public void write(byte[] value, int offset, int length) {
			this.array = null;
		}

		@Override
		public void writeLazy(byte[] value, int offset, int length) {
			this.array = (offset == 0 && length == this.size && value.length == this.size) ? value : null;
		}

		@Override
		public void write(ByteBuffer value) {
			this.array = null;
		}

		@Override
		public void writeLazy(ByteBuffer value) {
			this.array = null;
		}

	}

}
