package dev.kvserver.server.gateway;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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

	/** Replaced once, before the call begins. */
	private volatile Executor turns = Runnable::run;

	private ServerCall.@Nullable Listener<Q> listener;

	private final GatewayRequests requests;

	private final HttpQuery query;

	/** The request of a method that takes one, until it is handed over. */
	private @Nullable Message one;

	/** How many requests are wanted. */
	private int wanted;

	private boolean halfClosed;

	private final AtomicBoolean cancelled = new AtomicBoolean();

	/**
	 * Makes a call.
	 * @param method the method
	 * @param query the HTTP request
	 */
	GatewayCall(GatewayMethod<Q, S> method, HttpQuery query) {
		this.method = method;
		this.query = query;
		this.requests = method.requests(query);
	}

	/** Called once: what runs what concerns the listener, {@code null} if overloaded. */
	abstract @Nullable Executor turns();

	/** Begins the call as soon as enough of its requests is there. */
	final void start() {
		if (!this.requests.areMany() && !this.requests.hasOne()) {
			this.requests.read(Runnable::run, this::start);
		}
		else if (this.query.body().size() < LARGE_BYTES) {
			begin();
		}
		else if (!this.method.jobs().tryLarge(this::begin)) {
			complete(GatewayErrors.answer(overloaded()));
		}
	}

	private void begin() {
		Message first = null;
		try {
			first = this.requests.areMany() ? null : this.requests.one();
		}
		catch (StatusRuntimeException ex) {
			complete(GatewayErrors.answer(ex.getStatus()));
			return;
		}
		long timeoutNanos = GatewayTimeout.nanos(this.query.header("grpc-timeout"));
		if (timeoutNanos >= 0) {
			limit(timeoutNanos);
		}
		begin(GatewayMetadata.of(this.query.headers()), first);
	}

	private void begin(Metadata headers, @Nullable Message first) {
		Executor admitted = turns();
		this.turns = (admitted != null) ? admitted : this.turns;
		boolean begun = admitted != null && inTurn(() -> {
			if (isCancelled()) {
				return;
			}
			this.listener = this.method.definition().getServerCallHandler().startCall(this, headers);
			this.one = first;
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

	final GatewayJobs jobs() {
		return this.method.jobs();
	}

	/** Completed when the call is over. */
	final CompletionStage<Void> over() {
		return this.over;
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
		while (this.wanted > 0) {
			Message request = nextRequest();
			if (request == null) {
				break;
			}
			this.wanted--;
			target.onMessage(this.method.request(request));
		}
		if (this.requests.isTooLarge()) {
			cancel(EtcdError.REQUEST_TOO_LARGE.status());
		}
		else if (this.one == null && this.requests.isOver() && !this.halfClosed) {
			this.halfClosed = true;
			target.onHalfClose();
		}
		else if (this.wanted > 0 && !this.halfClosed) {
			this.requests.read(this::inTurn, this::deliver);
		}
	}

	private @Nullable Message nextRequest() {
		Message only = this.one;
		this.one = null;
		return (only != null || !this.requests.areMany()) ? only : this.requests.next();
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
		if (this.cancelled.compareAndSet(false, true)) {
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
		if (!this.cancelled.get()) {
			end(status);
		}
	}

	@Override
	public final boolean isCancelled() {
		return this.cancelled.get();
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
