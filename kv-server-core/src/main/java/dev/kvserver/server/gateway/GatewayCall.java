package dev.kvserver.server.gateway;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpQuery;
import dev.kvserver.server.http.PendingAnswer;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static java.util.Objects.requireNonNull;

/**
 * A call that comes from HTTP, as the services see it. The listener is called by one
 * thread at a time; the service may answer on any.
 *
 * @param <Q> the request
 * @param <S> the response
 */
abstract class GatewayCall<Q, S> extends ServerCall<Q, S> {

	/** What is larger is not made of JSON, nor turned into it, on an event loop. */
	static final int LARGE_BYTES = 64 << 10;

	private static final JsonFormat.Printer PRINTER = JsonFormat.printer()
		.preservingProtoFieldNames()
		.omittingInsignificantWhitespace();

	private static final Logger logger = LoggerFactory.getLogger(GatewayCall.class);

	private static final Status LEFT = Status.CANCELLED.withDescription("context canceled");

	private static final Status LATE = Status.DEADLINE_EXCEEDED.withDescription("context deadline exceeded");

	private static final Status UNEXPECTED = Status.UNKNOWN
		.withDescription("unexpected error, see the log of the server");

	private final GatewayMethod<Q, S> method;

	private final PendingAnswer answer = new PendingAnswer(() -> cancel(LEFT));

	/** Completed when the service has nothing more to say, or nobody listens. */
	private final CompletableFuture<Void> over = new CompletableFuture<>();

	private final Executor turns;

	private ServerCall.@Nullable Listener<Q> listener;

	/** Requests that were not handed over yet, and how many are wanted. */
	private List<Q> requests = List.of();

	private int next;

	private int wanted;

	private boolean halfClosed;

	private volatile boolean cancelled;

	/**
	 * Makes a call.
	 * @param method the method
	 * @param turns runs what concerns the listener, one after the other
	 */
	GatewayCall(GatewayMethod<Q, S> method, Executor turns) {
		this.method = method;
		this.turns = turns;
	}

	/** Begins the call. */
	final void start(HttpQuery query) {
		try {
			this.requests = this.method.requests(new GatewayBody(query.body()));
		}
		catch (StatusRuntimeException ex) {
			complete(GatewayErrors.answer(ex.getStatus()));
			return;
		}
		long timeoutNanos = GatewayTimeout.nanos(query.header("grpc-timeout"));
		if (timeoutNanos >= 0) {
			limit(timeoutNanos);
		}
		Metadata headers = GatewayMetadata.of(query.headers());
		boolean begun = inTurn(() -> {
			this.listener = this.method.definition().getServerCallHandler().startCall(this, headers);
			deliver();
			onStarted(this.listener);
		});
		if (!begun) {
			complete(GatewayErrors.answer(overloaded()));
		}
	}

	/** The timer goes with the call, however far off it is. */
	@SuppressWarnings("FutureReturnValueIgnored") // the receiver has all there is to know
	private void limit(long timeoutNanos) {
		this.over.orTimeout(timeoutNanos, TimeUnit.NANOSECONDS).whenComplete((nothing, late) -> {
			if (late != null) {
				cancel(LATE);
			}
		});
	}

	final CompletionStage<HttpAnswer> answer() {
		return this.answer;
	}

	/**
	 * Runs something after what was to be run before. Whoever calls is often a thread of
	 * the server, which a gateway that has too much to do, or is gone, must not disturb.
	 * @return whether it will be run
	 */
	final boolean inTurn(Runnable task) {
		try {
			this.turns.execute(() -> run(task));
			return true;
		}
		catch (RejectedExecutionException ex) {
			logger.debug("A call is cut off: {}", this.method.definition().getMethodDescriptor(), ex);
			return false;
		}
	}

	private void run(Runnable task) {
		try {
			task.run();
		}
		catch (RuntimeException ex) {
			logger.error("A call failed unexpectedly", ex);
			end(UNEXPECTED);
		}
	}

	/** Called when the listener is there. */
	void onStarted(ServerCall.Listener<Q> started) {
	}

	/** Runs something with the listener, unless the call is over. */
	final void tell(Consumer<ServerCall.Listener<Q>> what) {
		inTurn(() -> {
			ServerCall.Listener<Q> told = this.listener;
			if (told != null) {
				what.accept(told);
			}
		});
	}

	private void deliver() {
		ServerCall.Listener<Q> target = requireNonNull(this.listener);
		while (this.wanted > 0 && this.next < this.requests.size()) {
			this.wanted--;
			target.onMessage(this.requests.get(this.next++));
		}
		if (this.next == this.requests.size() && !this.halfClosed) {
			this.halfClosed = true;
			target.onHalfClose();
		}
	}

	@Override
	public final void request(int count) {
		inTurn(() -> {
			this.wanted += count;
			if (this.listener != null) {
				deliver();
			}
		});
	}

	@Override
	public final void sendHeaders(Metadata headers) {
		// HTTP's own headers were decided on already.
	}

	/** Nobody needs the call any more. Any thread. */
	final void cancel(Status why) {
		if (!this.cancelled) {
			this.cancelled = true;
			this.over.complete(null);
			end(why);
			tell(ServerCall.Listener::onCancel);
		}
	}

	/** The client has left. */
	final void leave() {
		cancel(LEFT);
	}

	/** Ends what the client gets, unless it has ended. Any thread. */
	abstract void end(Status status);

	@Override
	public final void close(Status status, Metadata trailers) {
		this.over.complete(null);
		if (!this.cancelled) {
			end(status);
		}
	}

	@Override
	public final boolean isCancelled() {
		return this.cancelled;
	}

	@Override
	public final Attributes getAttributes() {
		return Attributes.EMPTY;
	}

	@Override
	public final MethodDescriptor<Q, S> getMethodDescriptor() {
		return this.method.definition().getMethodDescriptor();
	}

	final void complete(HttpAnswer with) {
		this.answer.complete(with);
	}

	final Message message(S response) {
		return this.method.message(response);
	}

	static String json(Message message) {
		try {
			return PRINTER.print(message);
		}
		catch (InvalidProtocolBufferException ex) {
			throw new IllegalStateException(message.getDescriptorForType().getFullName(), ex);
		}
	}

	static Status overloaded() {
		return EtcdError.TOO_MANY_REQUESTS.status();
	}

}
