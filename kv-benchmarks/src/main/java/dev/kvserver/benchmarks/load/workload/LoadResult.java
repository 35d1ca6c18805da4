package dev.kvserver.benchmarks.load.workload;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run has measured and found.
 *
 * @param workload the name of the workload
 * @param seconds the measured time
 * @param total the operations as a whole
 * @param series the kinds of operations, and events
 * @param extras figures of this workload only, by name with the unit last
 * @param errors operations that ended in an error, by how they ended
 * @param wrongAnswers how many answers were wrong
 * @param notes what was wrong with the first of them
 * @param unsent operations that were due at a fixed rate but found no free stream
 * @param unfinished operations that were not answered in time
 * @param clientCpuSeconds CPU time of the driver
 * @param serverCpuSeconds CPU time of the server; not a number if it is not known
 * @param serverRssBytes memory of the server at the end; -1 if it is not known
 * @param serverPeakRssBytes its highest since it started; -1 if it is not known
 */
public record LoadResult(String workload, double seconds, SeriesResult total, List<SeriesResult> series,
		Map<String, Double> extras, Map<String, Long> errors, long wrongAnswers, List<String> notes, long unsent,
		long unfinished, double clientCpuSeconds, double serverCpuSeconds, long serverRssBytes,
		long serverPeakRssBytes) {

	/** Above this share of one CPU the driver may be what limits the rate. */
	private static final double BUSY = 0.9;

	/**
	 * What makes the figures worthless or doubtful.
	 * @return sentences, none if all is well
	 */
	public List<String> problems() {
		List<String> problems = new ArrayList<>();
		if (this.wrongAnswers > 0) {
			problems.add(this.wrongAnswers + " wrong answers: " + String.join("; ", this.notes));
		}
		this.errors.forEach((how, count) -> problems.add(count + " x " + how));
		if (this.unsent > 0) {
			problems.add(this.unsent + " operations were never sent: the server did not keep up with the rate");
		}
		if (this.unfinished > 0) {
			problems.add(this.unfinished + " operations were not answered in time");
		}
		if (this.clientCpuSeconds > BUSY * this.seconds && this.seconds > 1) {
			problems.add("the driver used %.0f %% of a CPU: the rate may be its own"
				.formatted(100 * this.clientCpuSeconds / this.seconds));
		}
		return problems;
	}

	/**
	 * Whether every answer was right and every operation was answered.
	 * @return {@code false} if the figures are worthless
	 */
	public boolean isSound() {
		return this.wrongAnswers == 0 && this.errors.isEmpty() && this.unfinished == 0;
	}

	/**
	 * Server CPU time for each 1000 operations.
	 * @return milliseconds; not a number if it is not known
	 */
	public double serverCpuMillisPer1000() {
		return perThousand(this.serverCpuSeconds);
	}

	/**
	 * Driver CPU time for each 1000 operations, that of its compiler included.
	 * @return milliseconds
	 */
	public double clientCpuMillisPer1000() {
		return perThousand(this.clientCpuSeconds);
	}

	private double perThousand(double cpuSeconds) {
		return (this.total.completed() == 0) ? Double.NaN : cpuSeconds * 1e6 / this.total.completed();
	}

	/**
	 * Everything, for a file.
	 * @return nested maps, lists, numbers and texts
	 */
	public Map<String, Object> toMap() {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("workload", this.workload);
		map.put("sound", isSound());
		map.put("problems", problems());
		map.put("seconds", this.seconds);
		map.put("total", this.total.toMap());
		map.put("series", this.series.stream().map(SeriesResult::toMap).toList());
		map.put("extras", this.extras);
		map.put("client_cpu_s", this.clientCpuSeconds);
		map.put("client_cpu_ms_per_1000", clientCpuMillisPer1000());
		map.put("server_cpu_s", this.serverCpuSeconds);
		map.put("server_cpu_ms_per_1000", serverCpuMillisPer1000());
		map.put("server_rss_bytes", this.serverRssBytes);
		map.put("server_peak_rss_bytes", this.serverPeakRssBytes);
		return map;
	}

}
