package dev.kvserver.server.port;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was answered and is still in memory, because clients have not read it. gRPC keeps
 * an answer for as long as its client has no room for it, so a client that asks for much
 * and reads nothing could fill the memory.
 * <p>
 * A connection may hold half of what all together may. While that is exceeded it gets no
 * further large answers; when all together hold too much, whoever holds some gets no
 * more; and when they hold twice that, nobody does. In the meantime connections that hold
 * answers and take nothing at all are closed, which makes room. Small answers are not
 * counted, and never refused. Any thread.
 */
final class UnreadAnswers {

	private static final Logger logger = LoggerFactory.getLogger(UnreadAnswers.class);

	/** Answers below this cost no more than what else a call costs. */
	static final int COUNTED_BYTES_MIN = 1024;

	private static final long SWEEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	private static final long STALL_NANOS = TimeUnit.SECONDS.toNanos(5);

	private final long maxBytes;

	private final AtomicLong bytes = new AtomicLong();

	private final Set<Share> shares = ConcurrentHashMap.newKeySet();

	private final LongSupplier nanoTime;

	private final AtomicLong nextSweepNanos;

	/**
	 * Begins with nothing.
	 * @param maxBytes how much all connections together may hold before answers are
	 * refused
	 * @param nanoTime tells the time
	 */
	UnreadAnswers(long maxBytes, LongSupplier nanoTime) {
		this.maxBytes = maxBytes;
		this.nanoTime = nanoTime;
		this.nextSweepNanos = new AtomicLong(nanoTime.getAsLong());
	}

	/**
	 * Counts for a new connection. Its event loop only.
	 * @param channel the connection
	 * @return what it holds
	 */
	Share share(Channel channel) {
		Share share = new Share(channel, this.nanoTime.getAsLong());
		this.shares.add(share);
		channel.closeFuture().addListener((closed) -> this.shares.remove(share));
		channel.pipeline().addFirst(share.progress);
		return share;
	}

	/** What all connections hold. */
	long bytes() {
		return this.bytes.get();
	}

	/** Closes who holds something and has taken nothing for a while; now and then. */
	private void sweep() {
		long now = this.nanoTime.getAsLong();
		long due = this.nextSweepNanos.get();
		if (now - due < 0 || !this.nextSweepNanos.compareAndSet(due, now + SWEEP_NANOS)) {
			return;
		}
		for (Share share : this.shares) {
			share.closeIfStalled(now);
		}
	}

	/** What one connection holds. */
	final class Share {

		private final Channel channel;

		private final AtomicLong held = new AtomicLong();

		private final Progress progress = new Progress();

		/** Guarded by sweeping, which one thread does at a time. */
		private long stalledSinceNanos;

		private Share(Channel channel, long now) {
			this.channel = channel;
			this.stalledSinceNanos = now;
		}

		/**
		 * Whether the connection may be answered once more.
		 * @return {@code false} if it must not ask for more
		 */
		boolean admits() {
			long all = UnreadAnswers.this.bytes.get();
			long max = UnreadAnswers.this.maxBytes;
			if (all <= max / 2) {
				return true;
			}
			long own = this.held.get();
			if (all <= max) {
				return own <= max / 2;
			}
			sweep();
			return own == 0 && all <= 2 * max;
		}

		void add(int answerBytes) {
			if (this.held.get() == 0) {
				// Before it is held: who holds something is under watch.
				this.progress.made = true;
			}
			this.held.addAndGet(answerBytes);
			UnreadAnswers.this.bytes.addAndGet(answerBytes);
		}

		void remove(long answerBytes) {
			this.progress.made = true;
			this.held.addAndGet(-answerBytes);
			UnreadAnswers.this.bytes.addAndGet(-answerBytes);
		}

		@SuppressWarnings("FutureReturnValueIgnored") // whoever closes does not wait
		private void closeIfStalled(long now) {
			if (this.progress.made || this.held.get() == 0) {
				this.progress.made = false;
				this.stalledSinceNanos = now;
			}
			else if (now - this.stalledSinceNanos > STALL_NANOS) {
				logger.warn("Connection {} is closed: it asked for {} bytes and does not read them", this.channel,
						this.held.get());
				this.channel.close();
			}
		}

	}

	/**
	 * Whether anything of an answer was sent; nearest to the socket. What is small may be
	 * an acknowledgement, which a client can have for nothing.
	 */
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	private static final class Progress extends ChannelOutboundHandlerAdapter {

		private volatile boolean made;

		@Override
		public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
			if (!this.made && message instanceof ByteBuf bytes && bytes.readableBytes() >= COUNTED_BYTES_MIN) {
				this.made = true;
			}
			context.write(message, promise);
		}

	}

}
