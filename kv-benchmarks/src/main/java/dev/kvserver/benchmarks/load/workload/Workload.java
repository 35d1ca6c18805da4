package dev.kvserver.benchmarks.load.workload;

import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * Everything that can be measured of a running server, by the name of the command line.
 */
public enum Workload {

	/** Writes all keys of the set, many to a txn. */
	PRELOAD("preload", new PreloadScenario()),
	/** Writes random keys. */
	PUT("put", new PutScenario()),
	/** Reads random keys, linearizable. */
	GET("get", new ReadScenario(ReadScenario.Kind.GET)),
	/** Reads many keys from a random one on, linearizable. */
	RANGE("range", new ReadScenario(ReadScenario.Kind.RANGE)),
	/** Counts the keys of the set. */
	COUNT("count", new ReadScenario(ReadScenario.Kind.COUNT)),
	/** Updates random keys as the API server of Kubernetes does. */
	TXN("txn", new TxnScenario()),
	/** Writes while many look on. */
	WATCH("watch", new WatchScenario()),
	/** Lets many leases expire at once. */
	LEASE_EXPIRE("lease-expire", new LeaseExpireScenario()),
	/** All that the API server of Kubernetes asks for, mixed. */
	MIX("mix", new MixScenario());

	private final String name;

	@SuppressWarnings("ImmutableEnumChecker") // a scenario keeps no state
	private final Scenario scenario;

	Workload(String name, Scenario scenario) {
		this.name = name;
		this.scenario = scenario;
	}

	/**
	 * The workload of a name.
	 * @param name the name
	 * @return the workload
	 * @throws IllegalArgumentException if there is none
	 */
	public static Workload of(String name) {
		return Arrays.stream(values())
			.filter((workload) -> workload.name.equals(name))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("There is no workload " + name + ", only "
					+ Arrays.stream(values()).map(Workload::toString).toList()));
	}

	/**
	 * Whether the keys of the set must be there, as {@link #PRELOAD} writes them.
	 * @return whether a preload has to come first
	 */
	public boolean needsKeys() {
		return this == GET || this == RANGE || this == COUNT;
	}

	/**
	 * Runs the workload against a server that serves nobody else. Blocks until it is
	 * over.
	 * @param options how
	 * @param endpoint where the server listens
	 * @param serverPid its process, or 0 if it is not known
	 * @return what was measured
	 * @throws SetupException if there was nothing to measure
	 * @throws dev.kvserver.benchmarks.load.http2.ConnectionException if the server cannot
	 * be reached
	 */
	public LoadResult run(LoadOptions options, InetSocketAddress endpoint, long serverPid) {
		try (Bench bench = new Bench(options, endpoint, serverPid)) {
			this.scenario.run(bench);
			return bench.worker().result(this.name);
		}
	}

	@Override
	public String toString() {
		return this.name;
	}

}
