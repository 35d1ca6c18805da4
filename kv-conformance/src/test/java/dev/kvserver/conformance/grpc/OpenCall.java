package dev.kvserver.conformance.grpc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call that may take long: it can be looked at and cancelled while it is under way. Any
 * thread may use it.
 */
public final class OpenCall {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition arrived = this.lock.newCondition();

	private final List<Message> messages = new ArrayList<>();

	private final Call what;

	private final ClientCall<Message, Message> call;

	private @Nullable Outcome outcome;

	private OpenCall(Connection connection, Call what) {
		this.what = what;
		this.call = connection.channel().newCall(Connection.untyped(what.method()), CallOptions.DEFAULT);
	}

	/**
	 * Sends all requests of a call, without waiting for an answer and without a deadline.
	 * @param connection where to
	 * @param what what to ask
	 * @return the call
	 */
	public static OpenCall start(Connection connection, Call what) {
		OpenCall open = new OpenCall(connection, what);
		open.call.start(open.new Answers(), new Metadata());
		open.call.request(Integer.MAX_VALUE);
		what.requests().forEach(open.call::sendMessage);
		open.call.halfClose();
		return open;
	}

	/** Gives the call up; the server is told. */
	public void cancel() {
		this.call.cancel("no longer wanted", null);
	}

	/**
	 * What was asked.
	 * @return the call
	 */
	public Call what() {
		return this.what;
	}

	/**
	 * Whether the call has come to its end.
	 * @return {@code true} if so
	 */
	public boolean isOver() {
		this.lock.lock();
		try {
			return this.outcome != null;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Blocks until the call is over, or for a while.
	 * @param patience for how long at most
	 * @return whether it is over
	 */
	public boolean isOver(Duration patience) {
		return await(() -> this.outcome != null, patience);
	}

	/**
	 * Blocks until the call is over.
	 * @return what it came to
	 * @throws AssertionError if it takes too long
	 */
	public Outcome awaitEnd() {
		await("an end", () -> this.outcome != null);
		this.lock.lock();
		try {
			if (this.outcome == null) {
				throw new IllegalStateException("No outcome");
			}
			return this.outcome;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Blocks until so many responses have come.
	 * @param count how many
	 * @return all that have come, oldest first
	 * @throws AssertionError if it takes too long, or the call ends before
	 */
	public List<Message> awaitMessages(int count) {
		await(count + " messages", () -> this.messages.size() >= count || this.outcome != null);
		this.lock.lock();
		try {
			if (this.messages.size() < count) {
				throw new AssertionError(this.what + " has ended: " + this.outcome);
			}
			return List.copyOf(this.messages);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void await(String awaited, BooleanSupplier condition) {
		if (!await(condition, TIMEOUT)) {
			throw new AssertionError(this.what + " waits in vain for " + awaited + "; has " + this.messages);
		}
	}

	private boolean await(BooleanSupplier condition, Duration timeout) {
		long nanosLeft = timeout.toNanos();
		this.lock.lock();
		try {
			while (!condition.getAsBoolean()) {
				if (nanosLeft <= 0) {
					return false;
				}
				nanosLeft = this.arrived.awaitNanos(nanosLeft);
			}
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	/** What the channel's threads call. */
	private final class Answers extends ClientCall.Listener<Message> {

		@Override
		public void onMessage(Message message) {
			OpenCall.this.lock.lock();
			try {
				OpenCall.this.messages.add(message);
				OpenCall.this.arrived.signalAll();
			}
			finally {
				OpenCall.this.lock.unlock();
			}
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			OpenCall.this.lock.lock();
			try {
				OpenCall.this.outcome = Outcome.of(OpenCall.this.messages, status);
				OpenCall.this.arrived.signalAll();
			}
			finally {
				OpenCall.this.lock.unlock();
			}
		}

	}

}
