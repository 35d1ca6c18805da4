package dev.kvserver.server.port;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeoutException;

import com.google.protobuf.MessageLite;
import dev.kvserver.server.metrics.CallMetrics;
import dev.kvserver.server.metrics.Histogram;
import io.grpc.Context;
import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call that is counted as the interceptors of etcd count it (etcd-contract section
 * 5.2):
 * <ul>
 * <li>A unary call begins with its request: one that never came, could not be read or was
 * too large was no call. It has one message each way, whatever came of it.</li>
 * <li>A stream begins with its headers. That the client has nothing more to say, be it
 * that it left, counts as a message of its own if it may send several.</li>
 * </ul>
 * Whoever ends a call may be another thread than the one that hears of its cancellation;
 * the first to tell counts.
 *
 * @param <Q> the request
 * @param <S> the response
 */
class CountedCall<Q, S> extends ForwardingServerCall.SimpleForwardingServerCall<Q, S> {

	private static final int NEW = 0;

	private static final int BEGUN = 1;

	private static final int OVER = 2;

	private static final VarHandle STATE;

	static {
		try {
			STATE = MethodHandles.lookup().findVarHandle(CountedCall.class, "state", int.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final CallCounters counters;

	private final CallMetrics.ClientVersion version;

	@SuppressWarnings("unused") // by its handle
	private volatile int state = NEW;

	private long begin;

	/** Whether the end of the client's messages was counted. Event loop only. */
	private boolean heardAll;

	CountedCall(ServerCall<Q, S> call, CallCounters counters, CallMetrics.ClientVersion version) {
		super(call);
		this.counters = counters;
		this.version = version;
	}

	/** Counts the beginning, unless that was done before. */
	final void begin() {
		if (STATE.compareAndSet(this, NEW, BEGUN)) {
			if (this.counters.method().isTimed()) {
				this.begin = Histogram.begin();
			}
			this.counters.method().started();
			this.version.called(this.counters.isUnary());
			if (this.counters.isUnary()) {
				this.counters.method().received();
			}
		}
	}

	/** Counts a request. */
	final void received(@Nullable Object message) {
		this.counters.calls().received(size(message));
		if (this.counters.isUnary()) {
			begin();
		}
		else {
			this.counters.method().received();
		}
	}

	/** Counts a request that could not be read. */
	final void receivedUnreadable(int bytes) {
		this.counters.calls().received(bytes);
	}

	/** Counts that there are no more requests, unless that was done before. */
	final void receivedAll() {
		if (this.counters.takesStream() && !this.heardAll) {
			this.heardAll = true;
			this.counters.method().received();
		}
	}

	/**
	 * Counts the end of a call that nobody waits for any more.
	 * @param why what the client was told in place of an answer; {@code null} if it left
	 */
	final void cancelled(@Nullable Status why) {
		if ((int) STATE.getVolatile(this) == NEW) {
			return;
		}
		receivedAll();
		if (why != null) {
			this.counters.method().receiveFailed();
		}
		over((why != null) ? why.getCode() : reason());
	}

	private static Status.Code reason() {
		boolean late = Context.current().cancellationCause() instanceof TimeoutException;
		return late ? Status.Code.DEADLINE_EXCEEDED : Status.Code.CANCELLED;
	}

	private void over(Status.Code code) {
		if (STATE.compareAndSet(this, BEGUN, OVER)) {
			if (this.counters.isUnary()) {
				this.counters.method().sent(1);
			}
			this.counters.method().handled(code.value(), this.begin);
		}
	}

	@Override
	public void sendMessage(S message) {
		this.counters.calls().sent(size(message));
		if (!this.counters.isUnary()) {
			this.counters.method().sent(1);
		}
		delegate().sendMessage(message);
	}

	@Override
	public void close(Status status, Metadata trailers) {
		begin();
		over(status.getCode());
		delegate().close(status, trailers);
	}

	/** The size on the wire, which protobuf computes once for us and for gRPC. */
	private static int size(@Nullable Object message) {
		if (message instanceof MessageLite known) {
			return known.getSerializedSize();
		}
		try {
			return (message instanceof InputStream bytes) ? bytes.available() : 0;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Memory cannot fail to be read", ex);
		}
	}

}
