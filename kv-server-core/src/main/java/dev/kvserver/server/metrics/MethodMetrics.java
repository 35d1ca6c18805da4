package dev.kvserver.server.metrics;

import java.util.Arrays;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The calls of one gRPC method. Any thread; counting takes neither a lock nor memory.
 */
public final class MethodMetrics {

	/** In the order of gRPC's numbers. */
	private static final String[] CODES = { "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded",
			"NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted",
			"OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated" };

	private static final double[] HANDLING_BOUNDS = { .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10 };

	private final String service;

	private final String method;

	private final String type;

	/** Whether it is told before it was ever called. */
	private final boolean always;

	private final Counter started = new Counter();

	private final Counter received = new Counter();

	private final Counter sent = new Counter();

	private final Counter unreceived = new Counter();

	private final CopyOnWriteArrayList<LongSupplier> moreSent = new CopyOnWriteArrayList<>();

	private final Counter[] handled = new Counter[CODES.length];

	private final @Nullable Histogram handling;

	MethodMetrics(String service, String method, String type, boolean always, boolean timed) {
		this.service = service;
		this.method = method;
		this.type = type;
		this.always = always;
		this.handling = timed ? Histogram.ofSeconds(HANDLING_BOUNDS) : null;
		Arrays.setAll(this.handled, (i) -> new Counter());
	}

	/** Counts a call that has begun. */
	public void started() {
		this.started.increment();
	}

	/** Counts a message of the client, or that there are no more. */
	public void received() {
		this.received.increment();
	}

	/**
	 * Counts messages of the server.
	 * @param messages how many
	 */
	public void sent(long messages) {
		this.sent.add(messages);
	}

	/**
	 * Adds messages of the server that are counted elsewhere.
	 * @param messages asked each time, never falls
	 */
	public void addSent(LongSupplier messages) {
		this.moreSent.add(messages);
	}

	/** Counts a stream that has ended because a message could not be taken. */
	public void receiveFailed() {
		this.unreceived.increment();
	}

	long receiveFailures() {
		return this.unreceived.value();
	}

	/**
	 * Whether {@link #handled} wants to know the time.
	 * @return {@code true} if so
	 */
	public boolean isTimed() {
		return this.handling != null;
	}

	/**
	 * Counts a call that has ended.
	 * @param code the number of its code
	 * @param begin when it began, see {@link Histogram#begin()}
	 */
	public void handled(int code, long begin) {
		this.handled[code].increment();
		if (this.handling != null) {
			this.handling.end(begin);
		}
	}

	void tellStarted(SampleSink sink) {
		tell(sink, this.started.value());
	}

	void tellReceived(SampleSink sink) {
		tell(sink, this.received.value());
	}

	void tellSent(SampleSink sink) {
		long count = this.sent.value();
		for (LongSupplier more : this.moreSent) {
			count += more.getAsLong();
		}
		tell(sink, count);
	}

	private void tell(SampleSink sink, long count) {
		if (this.always || count > 0) {
			sink.add(count, "grpc_method", this.method, "grpc_service", this.service, "grpc_type", this.type);
		}
	}

	void tellHandled(SampleSink sink) {
		for (int code = 0; code < CODES.length; code++) {
			long count = this.handled[code].value();
			if (this.always || count > 0) {
				sink.add(count, "grpc_code", CODES[code], "grpc_method", this.method, "grpc_service", this.service,
						"grpc_type", this.type);
			}
		}
	}

	void tellHandling(SampleSink sink) {
		if (this.handling != null && (this.always || this.handling.count() > 0)) {
			sink.add(this.handling, "grpc_method", this.method, "grpc_service", this.service, "grpc_type", this.type);
		}
	}

}
