package dev.kvserver.server.gateway;

import java.util.ArrayDeque;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes where one JSON value ends and the next begins. Knows no more of
 * JSON than it needs for that: what is no JSON is cut somewhere, for the parser to
 * refuse.
 */
final class JsonCutter {

	private final int maxBytes;

	/** Values that are complete. */
	private final ArrayDeque<ByteString> values = new ArrayDeque<>();

	/** What is there of the value that is not complete. */
	private ByteString begun = ByteString.EMPTY;

	private int depth;

	private boolean inString;

	private boolean escaped;

	/** Within a number, {@code true}, {@code false} or {@code null}. */
	private boolean inWord;

	/**
	 * Begins without bytes.
	 * @param maxBytes the largest value
	 */
	JsonCutter(int maxBytes) {
		this.maxBytes = maxBytes;
	}

	/**
	 * Takes more bytes.
	 * @param piece the bytes, may be empty
	 * @param last whether nothing comes after them; what has begun is complete then
	 * @return {@code false} if a value is too large; nothing more is taken then
	 */
	boolean add(ByteString piece, boolean last) {
		byte[] bytes = piece.toByteArray();
		int start = 0;
		for (int i = 0; i < bytes.length; i++) {
			boolean wasInWord = this.inWord;
			boolean ends = endsWith(bytes[i]);
			if (wasInWord && !this.inWord) {
				cut(piece.substring(start, i));
				start = i;
			}
			if (ends) {
				cut(piece.substring(start, i + 1));
				start = i + 1;
			}
		}
		this.begun = this.begun.concat(piece.substring(start));
		if (last) {
			cut(ByteString.EMPTY);
		}
		return this.begun.size() <= this.maxBytes;
	}

	private void cut(ByteString end) {
		ByteString value = this.begun.concat(end);
		this.begun = ByteString.EMPTY;
		if (!isBlank(value)) {
			this.values.add(value);
		}
	}

	private static boolean isBlank(ByteString value) {
		for (int i = 0; i < value.size(); i++) {
			if (!isSpace(value.byteAt(i))) {
				return false;
			}
		}
		return true;
	}

	/** Whether the value ends with a byte; a word ends before one. */
	private boolean endsWith(byte next) {
		if (this.inString) {
			if (this.escaped) {
				this.escaped = false;
			}
			else if (next == '\\') {
				this.escaped = true;
			}
			else if (next == '"') {
				this.inString = false;
				return this.depth == 0;
			}
			return false;
		}
		switch (next) {
			case '"' -> {
				this.inWord = false;
				this.inString = true;
			}
			case '{', '[' -> {
				this.inWord = false;
				this.depth++;
			}
			case '}', ']' -> {
				this.inWord = false;
				this.depth = Math.max(0, this.depth - 1);
				return this.depth == 0;
			}
			default -> this.inWord = this.depth == 0 && !isSpace(next);
		}
		return false;
	}

	private static boolean isSpace(byte value) {
		return value == ' ' || value == '\n' || value == '\r' || value == '\t';
	}

	/**
	 * Hands out the next value.
	 * @return the value, with spaces around it, or {@code null} if none is complete
	 */
	@Nullable ByteString poll() {
		return this.values.poll();
	}

	/** Forgets all values. */
	void clear() {
		this.values.clear();
	}

	/** Whether a value waits to be handed out. */
	boolean hasValue() {
		return !this.values.isEmpty();
	}

}
