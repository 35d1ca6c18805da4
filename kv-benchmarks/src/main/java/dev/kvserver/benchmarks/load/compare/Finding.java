package dev.kvserver.benchmarks.load.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.kvserver.benchmarks.load.workload.LoadResult;
import dev.kvserver.benchmarks.load.workload.SeriesResult;

/**
 * What one measure has found of one server in one round: figures by row and name, as they
 * are summed up later.
 */
final class Finding {

	static final String RATE = "per_second";

	static final String P50 = "p50_us";

	static final String P99 = "p99_us";

	static final String CPU = "server_cpu_ms_per_1000";

	static final String PEAK = "server_peak_mib";

	static final String RSS = "server_rss_mib";

	/** Of one CPU, so that it can be told whether the driver was the limit. */
	static final String DRIVER_CPU = "driver_cpu_percent";

	private static final double MIB = 1024 * 1024;

	private final String server;

	private final int round;

	private final Measure measure;

	private final Map<String, Map<String, Double>> rows = new LinkedHashMap<>();

	private final Map<String, Double> extras = new LinkedHashMap<>();

	private final List<String> problems = new ArrayList<>();

	private boolean sound = true;

	Finding(String server, int round, Measure measure) {
		this.server = server;
		this.round = round;
		this.measure = measure;
	}

	/** Takes the result of a load. Its total is a row, and so is each of its series. */
	void take(LoadResult result) {
		takeProblems(result);
		Map<String, Double> total = row(this.measure.toString(), result.total());
		total.put(CPU, result.serverCpuMillisPer1000());
		total.put(RSS, mebibytes(result.serverRssBytes()));
		total.put(PEAK, mebibytes(result.serverPeakRssBytes()));
		total.put(DRIVER_CPU, 100 * result.clientCpuSeconds() / result.seconds());
		for (SeriesResult series : result.series()) {
			row(this.measure + ": " + series.name(), series);
		}
		result.extras().forEach((name, value) -> extra(this.measure + ": " + name, value));
	}

	private static double mebibytes(long bytes) {
		return (bytes < 0) ? Double.NaN : bytes / MIB;
	}

	/** Takes only what was wrong with a load that is not what is measured. */
	void takeProblems(LoadResult result) {
		this.problems.addAll(result.problems());
		this.sound &= result.isSound();
	}

	private Map<String, Double> row(String name, SeriesResult series) {
		Map<String, Double> figures = new LinkedHashMap<>();
		if (series.completed() > 0) {
			figures.put(RATE, series.perSecond());
			figures.put(P50, series.p50());
			figures.put(P99, series.p99());
			this.rows.put(name, figures);
		}
		return figures;
	}

	void extra(String name, double value) {
		this.extras.put(name, value);
	}

	void failed(String why) {
		this.problems.add(why);
		this.sound = false;
	}

	int round() {
		return this.round;
	}

	String server() {
		return this.server;
	}

	Map<String, Map<String, Double>> rows() {
		return this.rows;
	}

	Map<String, Double> extras() {
		return this.extras;
	}

	/** What was wrong, with where it was. */
	List<String> problems() {
		String where = this.measure + ", round " + this.round + ", " + this.server + ": ";
		return this.problems.stream().map((problem) -> where + problem).toList();
	}

	boolean isSound() {
		return this.sound;
	}

	Map<String, Object> toMap() {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("measure", this.measure);
		map.put("server", this.server);
		map.put("round", this.round);
		map.put("sound", this.sound);
		map.put("problems", this.problems);
		map.put("rows", this.rows);
		map.put("extras", this.extras);
		return map;
	}

	/** One line for whoever waits. */
	@Override
	public String toString() {
		List<String> parts = new ArrayList<>();
		this.rows.values().stream().findFirst().ifPresent((row) -> {
			parts.add("%.0f/s".formatted(figure(row, RATE)));
			parts.add("p50 %.3f ms".formatted(figure(row, P50) / 1e3));
			parts.add("p99 %.3f ms".formatted(figure(row, P99) / 1e3));
			parts.add("driver %.0f %% of a CPU".formatted(figure(row, DRIVER_CPU)));
		});
		this.extras.forEach((name, value) -> parts.add("%s %.3f".formatted(name, value)));
		this.problems.forEach((problem) -> parts.add("\n  ! " + problem));
		return "%s, round %d, %s: %s".formatted(this.measure, this.round, this.server, String.join(", ", parts));
	}

	private static double figure(Map<String, Double> row, String name) {
		return row.getOrDefault(name, Double.NaN);
	}

}
