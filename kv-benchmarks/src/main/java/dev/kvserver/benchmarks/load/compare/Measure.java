package dev.kvserver.benchmarks.load.compare;

import java.time.Duration;
import java.util.Arrays;

import dev.kvserver.benchmarks.load.workload.LoadOptions;
import dev.kvserver.benchmarks.load.workload.Workload;

/**
 * What can be compared, by the name of the command line. Some put a load on a server that
 * has just been started; the others need a server with many keys, and share one.
 */
public enum Measure {

	/** Puts, many at a time. */
	PUT("put", Workload.PUT),
	/** Puts, one at a time. */
	PUT_1("put-1", Workload.PUT),
	/** Linearizable reads of one key, many at a time. */
	GET("get", Workload.GET),
	/** Guarded updates as Kubernetes makes them, many at a time. */
	TXN("txn", Workload.TXN),
	/** Events to many watchers. */
	WATCH("watch", Workload.WATCH),
	/** Many leases that expire at once, with puts going on. */
	LEASE_EXPIRE("lease-expire", Workload.LEASE_EXPIRE),
	/** What the API server of Kubernetes asks for. */
	MIX("mix", Workload.MIX),
	/** Memory with many keys. */
	MEMORY("memory", Workload.PRELOAD),
	/** Reads of many keys out of many. */
	RANGE("range", Workload.RANGE),
	/** Counts of many keys. */
	COUNT("count", Workload.COUNT),
	/** The time to the first answer, with many keys. */
	RESTART("restart", Workload.GET);

	/** So many may be under way of what takes a server long. */
	private static final int STREAMS_OF_LONG_READS = 4;

	private final String name;

	private final Workload workload;

	Measure(String name, Workload workload) {
		this.name = name;
		this.workload = workload;
	}

	/**
	 * The measure of a name.
	 * @param name the name
	 * @return the measure
	 * @throws IllegalArgumentException if there is none
	 */
	public static Measure of(String name) {
		return Arrays.stream(values())
			.filter((measure) -> measure.name.equals(name))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("There is no measure " + name + ", only "
					+ Arrays.stream(values()).map(Measure::toString).toList()));
	}

	/**
	 * The load that is put on the server.
	 * @return the workload
	 */
	Workload workload() {
		return this.workload;
	}

	/** Whether a server with many keys is needed, which all of these share. */
	boolean needsManyKeys() {
		return this == MEMORY || this == RANGE || this == COUNT || this == RESTART;
	}

	/** The options of the load. */
	LoadOptions options(CompareOptions compare) {
		LoadOptions.Builder options = LoadOptions.builder()
			.time(compare.warmup(), compare.duration())
			.outstanding(compare.connections(), compare.streams())
			.keys(needsManyKeys() ? compare.manyKeys() : compare.keys())
			.limit(compare.limit())
			.watchers(compare.watchers(), compare.watchStreams())
			.leases(compare.leases(), compare.ttlSeconds())
			.compactEvery(Duration.ofSeconds(10))
			.drain(Duration.ofMinutes(5))
			.seed(compare.seed());
		switch (this) {
			case PUT_1 -> options.outstanding(1, 1);
			case RANGE, COUNT -> options.outstanding(compare.connections(), STREAMS_OF_LONG_READS);
			case WATCH -> options.rate(compare.watchRate());
			case LEASE_EXPIRE -> options.rate(compare.leaseRate());
			case PUT, GET, TXN, MIX -> options.rate(compare.rate());
			case MEMORY, RESTART -> {
				// These are no matter of rates.
			}
		}
		return options.build();
	}

	@Override
	public String toString() {
		return this.name;
	}

}
