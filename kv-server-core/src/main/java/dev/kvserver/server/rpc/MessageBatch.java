package dev.kvserver.server.rpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Many gRPC messages of one call that look to grpc-java like one.
 * <p>
 * The problem: grpc-java spends one to two microseconds and one buffer on each message it
 * sends, whatever its size: a million watch responses a second would take more than a
 * core for that alone. It has no call to send several.
 * <p>
 * The way taken: on the wire, messages of a call are just bytes one behind the other,
 * each with a prefix of five. {@code MessageFramer.writePayload} takes the length of a
 * {@link KnownLength} stream, asks the allocator for a buffer of exactly prefix and
 * message, writes the prefix, and has the stream write itself ({@link Drainable}).
 * {@link BatchAllocator} gives it a larger buffer, and {@link #drainTo} writes the first
 * message and behind it, in the same go, the prefix and body of all others; it returns
 * the first one's length, which is what the framer compares. The buffer then goes its
 * usual way: queueing, {@code isReady}, HTTP/2 flow control and DATA frames all count its
 * real bytes.
 *
 * <pre>
 *   framer:   00 00000003                          <i>prefix of the first</i>
 *   drainTo:              aaa 00 00000002 bb ...   <i>all the rest</i>
 * </pre>
 *
 * Nothing is taken for granted. The other messages are written only if the buffer was
 * asked for by the thread that sends this very batch, and holds the prefix that an
 * uncompressed first message has and nothing else. A transport without that allocator (in
 * process), a call with compression, or a framer that works otherwise gets the first
 * message alone, {@link #isComplete()} says so, and the caller sends the others one by
 * one. What cannot be had: interceptors and tracers of gRPC see one message where there
 * are many ({@link SentBehind} counts the others).
 * <p>
 * One thread, one use.
 */
final class MessageBatch extends InputStream implements KnownLength, Drainable {

	static final int PREFIX_BYTES = 5;

	private final byte[] bytes;

	private int position;

	private final int firstEnd;

	private final int end;

	private final int firstLength;

	private @Nullable ByteBuf granted;

	private boolean complete;

	/**
	 * Makes a batch over messages with prefixes.
	 * @param bytes where they are; read only while the batch is being sent
	 * @param firstStart where the first message begins, its prefix not counted
	 * @param firstEnd where it ends, and the prefix of the second begins
	 * @param end where the last message ends
	 */
	MessageBatch(byte[] bytes, int firstStart, int firstEnd, int end) {
		this.bytes = bytes;
		this.position = firstStart;
		this.firstEnd = firstEnd;
		this.end = end;
		this.firstLength = firstEnd - firstStart;
	}

	int firstFrameBytes() {
		return PREFIX_BYTES + this.firstLength;
	}

	int allFrameBytes() {
		return firstFrameBytes() + this.end - this.firstEnd;
	}

	/** Tells which buffer the framer was given for this batch. */
	void granted(ByteBuf buffer) {
		this.granted = buffer;
	}

	/** Whether all messages were sent, not only the first. */
	boolean isComplete() {
		return this.complete;
	}

	@Override
	public int available() {
		return this.firstEnd - this.position;
	}

	@Override
	public int drainTo(OutputStream target) throws IOException {
		int length = this.firstEnd - this.position;
		this.complete = length == this.firstLength && isFramerWaiting();
		target.write(this.bytes, this.position, this.complete ? this.end - this.position : length);
		this.position = this.firstEnd;
		return length;
	}

	/**
	 * Whether the framer holds the large buffer and has written the first message's
	 * prefix, uncompressed, and nothing else.
	 */
	private boolean isFramerWaiting() {
		ByteBuf buffer = this.granted;
		return buffer != null && buffer.readableBytes() == PREFIX_BYTES && buffer.getByte(buffer.readerIndex()) == 0
				&& buffer.getInt(buffer.readerIndex() + 1) == this.firstLength
				&& buffer.writableBytes() == this.end - this.position;
	}

	@Override
	public int read() {
		return (this.position < this.firstEnd) ? this.bytes[this.position++] & 0xff : -1;
	}

	@Override
	public int read(byte[] target, int offset, int length) {
		int left = this.firstEnd - this.position;
		if (left == 0 && length > 0) {
			return -1;
		}
		int count = Math.min(length, left);
		System.arraycopy(this.bytes, this.position, target, offset, count);
		this.position += count;
		return count;
	}

}
