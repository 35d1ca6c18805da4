package dev.kvserver.benchmarks.load.workload;

import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of the same kind of operation.
 *
 * @param operation what is done, or {@code null} only to wait
 * @param measured whether times and writes count
 * @param warmupNanos before anything is measured
 * @param durationNanos after the warm-up; {@link #FOREVER} until there is nothing to do
 * @param count the most operations
 * @param rate operations per second at fixed times, 0 for as many as possible
 * @param over ends the phase early
 * @param settled what has to be so at the end, besides that all replies are here
 * @param tick is run now and then, at least every {@link #TICK_NANOS}
 */
record Phase(@Nullable Operation operation, boolean measured, long warmupNanos, long durationNanos, long count,
		int rate, BooleanSupplier over, BooleanSupplier settled, Runnable tick) {

	static final long FOREVER = Long.MAX_VALUE;

	static final long TICK_NANOS = 10_000_000;

	/** As the options want it. */
	static Phase measured(LoadOptions options, @Nullable Operation operation) {
		boolean counted = options.count() > 0;
		return new Phase(operation, true, counted ? 0 : options.warmup().toNanos(),
				counted ? FOREVER : options.duration().toNanos(), counted ? options.count() : FOREVER, options.rate(),
				() -> false, () -> true, () -> {
				});
	}

	/** Until there is nothing left to do, without being measured. */
	static Phase once(Operation operation) {
		return new Phase(operation, false, 0, FOREVER, FOREVER, 0, () -> false, () -> true, () -> {
		});
	}

	Phase withSettled(BooleanSupplier newSettled) {
		return new Phase(this.operation, this.measured, this.warmupNanos, this.durationNanos, this.count, this.rate,
				this.over, newSettled, this.tick);
	}

	Phase withTick(Runnable newTick) {
		return new Phase(this.operation, this.measured, this.warmupNanos, this.durationNanos, this.count, this.rate,
				this.over, this.settled, newTick);
	}

	/** Waits for something, at most so long, with what else goes on at its rate. */
	Phase waitingFor(BooleanSupplier newOver, long limitNanos) {
		return new Phase(this.operation, this.measured, 0, limitNanos, FOREVER, this.rate, newOver, this.settled,
				this.tick);
	}

}
