package dev.kvserver.benchmarks.load.http2;

import java.util.Arrays;

import dev.kvserver.benchmarks.load.wire.MalformedMessageException;
import dev.kvserver.benchmarks.load.wire.MessageWriter;

/**
 * One gRPC call at a time: unary, or a stream both ways. It is used again for the next
 * call when it has ended. Belongs to the thread of the loop.
 */
public final class Call {

	/** More than any server sends in one message. */
	private static final int MESSAGE_BYTES_MAX = 256 * 1024 * 1024;

	private final CallListener listener;

	/** What is to be sent: not copied, so it must stay as it is until the reply. */
	byte[] out = new byte[0];

	int outAt;

	int outEnd;

	/** Whether the request ends behind what is to be sent. */
	boolean halfClose;

	/** How much more the server lets this call send, in bytes. */
	int sendWindow;

	/** Bytes that came since the server was last told that it may send more. */
	int unannounced;

	/** Waits for its connection's or its own window to open. */
	boolean blocked;

	private boolean open;

	private int streamId;

	private int httpStatus;

	private int status;

	private String text = "";

	/** A message of which only a part is here, with its prefix. */
	private byte[] part = new byte[0];

	private int partLength;

	/**
	 * Makes a call that is not under way.
	 * @param listener hears what it brings
	 */
	public Call(CallListener listener) {
		this.listener = listener;
	}

	/**
	 * Whether the call is under way.
	 * @return whether it was started and has not ended
	 */
	public boolean isOpen() {
		return this.open;
	}

	int streamId() {
		return this.streamId;
	}

	void opened(int id, int window) {
		this.open = true;
		this.streamId = id;
		this.sendWindow = window;
		this.unannounced = 0;
		this.blocked = false;
		this.httpStatus = 0;
		this.status = CallStatus.NONE;
		this.text = "";
		this.partLength = 0;
	}

	/** Headers, or trailers. */
	void head(ResponseHead head) {
		if (head.httpStatus() != 0) {
			this.httpStatus = head.httpStatus();
		}
		if (head.grpcStatus() >= 0 && this.status == CallStatus.NONE) {
			this.status = head.grpcStatus();
			this.text = head.grpcMessage();
		}
	}

	/** The body: messages, cut anywhere. */
	void data(byte[] bytes, int from, int to) {
		if (this.httpStatus != 200 || this.status != CallStatus.NONE) {
			return;
		}
		try {
			int at = from;
			while (at < to && this.open) {
				at = (this.partLength == 0) ? takeWhole(bytes, at, to) : takePart(bytes, at, to);
			}
		}
		catch (MalformedMessageException ex) {
			fail(CallStatus.GARBLED, String.valueOf(ex.getMessage()));
		}
	}

	/** Delivers one message if all of it is there, else keeps what there is. */
	private int takeWhole(byte[] bytes, int from, int to) {
		int left = to - from;
		if (left >= MessageWriter.PREFIX_BYTES) {
			int size = messageSize(bytes, from);
			if (left >= size) {
				this.listener.message(bytes, from + MessageWriter.PREFIX_BYTES, from + size);
				return from + size;
			}
		}
		return keep(bytes, from, to);
	}

	private int takePart(byte[] bytes, int from, int to) {
		int size = (this.partLength < MessageWriter.PREFIX_BYTES) ? MessageWriter.PREFIX_BYTES
				: messageSize(this.part, 0);
		int at = keep(bytes, from, Math.min(to, from + size - this.partLength));
		if (this.partLength >= MessageWriter.PREFIX_BYTES && this.partLength == messageSize(this.part, 0)) {
			this.partLength = 0;
			this.listener.message(this.part, MessageWriter.PREFIX_BYTES, messageSize(this.part, 0));
		}
		return at;
	}

	private int keep(byte[] bytes, int from, int to) {
		int more = to - from;
		if (this.part.length < this.partLength + more) {
			this.part = Arrays.copyOf(this.part, Math.max(2 * this.part.length, this.partLength + more));
		}
		System.arraycopy(bytes, from, this.part, this.partLength, more);
		this.partLength += more;
		return to;
	}

	/** With the prefix. */
	private static int messageSize(byte[] bytes, int at) {
		int size = 0;
		for (int i = 1; i < MessageWriter.PREFIX_BYTES; i++) {
			size = size << 8 | (bytes[at + i] & 0xff);
		}
		if (bytes[at] != 0 || size < 0 || size > MESSAGE_BYTES_MAX) {
			throw new MalformedMessageException("a compressed message, or one of " + size + " bytes");
		}
		return size + MessageWriter.PREFIX_BYTES;
	}

	/** Sets how the call ended, unless that is known already. */
	void fail(int why, String message) {
		if (this.status == CallStatus.NONE) {
			this.status = why;
			this.text = message;
		}
	}

	/** The call is of no interest any more. */
	void canceled() {
		this.open = false;
	}

	/** The stream is at its end. */
	void closed() {
		if (this.httpStatus != 0 && this.httpStatus != 200) {
			fail(CallStatus.HTTP, "HTTP status " + this.httpStatus);
		}
		this.open = false;
		this.listener.closed(this.status, this.text);
	}

}
