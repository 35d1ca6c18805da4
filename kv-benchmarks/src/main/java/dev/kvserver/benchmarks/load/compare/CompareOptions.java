package dev.kvserver.benchmarks.load.compare;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is compared, and how.
 *
 * @param servers the servers, one or two
 * @param measures what is measured
 * @param rounds how often each server is measured
 * @param warmup how long a load runs before it is measured
 * @param duration how long it is measured
 * @param connections connections of a load
 * @param streams operations under way on each of them
 * @param rate operations per second at fixed times, for puts, gets, txns and the mix; 0
 * for as many as possible
 * @param keys keys of the loads
 * @param manyKeys keys for memory, range, count and restart
 * @param limit keys in the reply to a range
 * @param watchers watchers
 * @param watchStreams streams they share
 * @param watchRate puts per second that they see
 * @param leases leases that expire at once
 * @param ttlSeconds their life
 * @param leaseRate puts per second meanwhile
 * @param seed of everything random
 * @param dataRoot where the data directories are made
 * @param out where the results are written
 */
public record CompareOptions(List<ServerCommand> servers, List<Measure> measures, int rounds, Duration warmup,
		Duration duration, int connections, int streams, int rate, int keys, int manyKeys, int limit, int watchers,
		int watchStreams, int watchRate, int leases, int ttlSeconds, int leaseRate, long seed, Path dataRoot,
		Path out) {

	/**
	 * The figures of it, for a file.
	 * @return figures by name
	 */
	public Map<String, Object> toMap() {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("measures", this.measures);
		map.put("rounds", this.rounds);
		map.put("warmup_s", this.warmup.toMillis() / 1e3);
		map.put("duration_s", this.duration.toMillis() / 1e3);
		map.put("connections", this.connections);
		map.put("streams", this.streams);
		map.put("rate", this.rate);
		map.put("keys", this.keys);
		map.put("many_keys", this.manyKeys);
		map.put("limit", this.limit);
		map.put("watchers", this.watchers);
		map.put("watch_streams", this.watchStreams);
		map.put("watch_rate", this.watchRate);
		map.put("leases", this.leases);
		map.put("ttl_s", this.ttlSeconds);
		map.put("lease_rate", this.leaseRate);
		map.put("seed", this.seed);
		return map;
	}

}
