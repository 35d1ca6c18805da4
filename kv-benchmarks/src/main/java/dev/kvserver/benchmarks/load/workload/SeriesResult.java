package dev.kvserver.benchmarks.load.workload;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was measured of operations or events of one kind. Times are in microseconds.
 *
 * @param name the kind
 * @param completed how many were completed within the measured time
 * @param perSecond the same per second
 * @param p50 the median
 * @param p90 what 90 % do not exceed
 * @param p99 what 99 % do not exceed
 * @param p999 what 99.9 % do not exceed
 * @param max the longest
 * @param mean the mean
 */
public record SeriesResult(String name, long completed, double perSecond, double p50, double p90, double p99,
		double p999, double max, double mean) {

	Map<String, Object> toMap() {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("name", this.name);
		map.put("completed", this.completed);
		map.put("per_second", this.perSecond);
		map.put("p50_us", this.p50);
		map.put("p90_us", this.p90);
		map.put("p99_us", this.p99);
		map.put("p999_us", this.p999);
		map.put("max_us", this.max);
		map.put("mean_us", this.mean);
		return map;
	}

}
