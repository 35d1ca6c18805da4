package dev.kvserver.server.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The allocator for connections on which watch responses are sent in batches: gives the
 * framer of gRPC a buffer that has room for a whole {@link MessageBatch} where it asks
 * for one that holds the first message. Otherwise an ordinary pooled allocator.
 * <p>
 * To be set as {@code ChannelOption.ALLOCATOR} of the server's connections. Without it
 * everything works as well, message by message.
 */
public final class BatchAllocator extends PooledByteBufAllocator {

	/** What this thread is about to have framed. */
	private static final ThreadLocal<@Nullable MessageBatch> ANNOUNCED = new ThreadLocal<>();

	/**
	 * Makes an allocator with Netty's defaults that prefers direct buffers.
	 */
	public BatchAllocator() {
		super(true);
	}

	/**
	 * Announces a batch: this thread's next request for a buffer is for it, if it is for
	 * just the bytes of the first message.
	 */
	static void announce(MessageBatch batch) {
		ANNOUNCED.set(batch);
	}

	/** Ends what {@link #announce} began. */
	static void withdraw() {
		ANNOUNCED.remove();
	}

	@Override
	public ByteBuf buffer(int initialCapacity, int maxCapacity) {
		MessageBatch batch = ANNOUNCED.get();
		if (batch == null || initialCapacity != batch.firstFrameBytes()) {
			return super.buffer(initialCapacity, maxCapacity);
		}
		ANNOUNCED.remove();
		ByteBuf buffer = super.buffer(batch.allFrameBytes(), batch.allFrameBytes());
		batch.granted(buffer);
		return buffer;
	}

}
