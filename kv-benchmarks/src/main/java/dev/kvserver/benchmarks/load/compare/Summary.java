package dev.kvserver.benchmarks.load.compare;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Medians over the rounds, and tables of them in Markdown.
 */
public final class Summary {

	private static final String NONE = "-";

	private final List<String> servers;

	private final List<Finding> findings;

	Summary(List<String> servers, List<Finding> findings) {
		this.servers = servers;
		this.findings = List.copyOf(findings);
	}

	/**
	 * Whether every answer of every round was right.
	 * @return {@code false} if figures are worthless
	 */
	public boolean isSound() {
		return this.findings.stream().allMatch(Finding::isSound);
	}

	/**
	 * The tables, and whatever was wrong.
	 * @return lines of Markdown
	 */
	public String markdown() {
		StringBuilder out = new StringBuilder();
		Set<String> rows = names((finding) -> finding.rows().keySet());
		if (!rows.isEmpty()) {
			table(out, loadHead(), rows.stream().map(this::loadRow).toList());
		}
		Set<String> extras = names((finding) -> finding.extras().keySet());
		if (!extras.isEmpty()) {
			out.append('\n');
			table(out, extraHead(), extras.stream().map(this::extraRow).toList());
		}
		this.findings.forEach((finding) -> finding.problems()
			.forEach((problem) -> out.append("\n**Problem:** ").append(problem).append('\n')));
		return out.toString();
	}

	/**
	 * Every round.
	 * @return nested maps and lists, for a file
	 */
	public List<Map<String, Object>> toList() {
		return this.findings.stream().map(Finding::toMap).toList();
	}

	private Set<String> names(Function<Finding, Set<String>> of) {
		Set<String> names = new LinkedHashSet<>();
		this.findings.forEach((finding) -> names.addAll(of.apply(finding)));
		return names;
	}

	private List<String> loadHead() {
		List<String> head = new ArrayList<>(List.of(""));
		this.servers.forEach((server) -> head.add(server + " per s"));
		if (isPair()) {
			head.add("ratio");
		}
		for (String figure : List.of("p50 ms", "p99 ms", "CPU ms/1000", "peak MiB")) {
			this.servers.forEach((server) -> head.add(server + " " + figure));
		}
		return head;
	}

	private List<String> loadRow(String row) {
		List<String> cells = new ArrayList<>(List.of(row));
		for (String server : this.servers) {
			Collection<Double> values = valuesByRound(server, load(row, Finding.RATE)).values();
			cells.add(values.isEmpty() ? NONE : "%.0f ±%.0f%%".formatted(median(values), 100 * spread(values)));
		}
		addRatio(cells, load(row, Finding.RATE));
		addCells(cells, load(row, Finding.P50), 1e-3, "%.3f");
		addCells(cells, load(row, Finding.P99), 1e-3, "%.3f");
		addCells(cells, load(row, Finding.CPU), 1, "%.1f");
		addCells(cells, load(row, Finding.PEAK), 1, "%.0f");
		return cells;
	}

	private List<String> extraHead() {
		List<String> head = new ArrayList<>(List.of(""));
		head.addAll(this.servers);
		if (isPair()) {
			head.add("ratio");
		}
		return head;
	}

	private List<String> extraRow(String name) {
		List<String> cells = new ArrayList<>(List.of(name));
		Function<Finding, @Nullable Double> extra = (finding) -> finding.extras().get(name);
		addCells(cells, extra, 1, "%.3f");
		addRatio(cells, extra);
		return cells;
	}

	private void addCells(List<String> cells, Function<Finding, @Nullable Double> figure, double factor,
			String format) {
		for (String server : this.servers) {
			double value = median(valuesByRound(server, figure).values()) * factor;
			cells.add(Double.isNaN(value) ? NONE : format.formatted(value));
		}
	}

	/**
	 * The second server's figure over the first one's: the median of what it was in each
	 * round, so that a machine that is slower for some rounds does not count.
	 */
	private void addRatio(List<String> cells, Function<Finding, @Nullable Double> figure) {
		if (!isPair()) {
			return;
		}
		Map<Integer, Double> second = valuesByRound(this.servers.get(1), figure);
		List<Double> ratios = new ArrayList<>();
		valuesByRound(this.servers.get(0), figure)
			.forEach((round, value) -> ratios.add(second.getOrDefault(round, Double.NaN) / value));
		double ratio = median(ratios.stream().filter(Double::isFinite).toList());
		cells.add(Double.isNaN(ratio) ? NONE : "%.2f".formatted(ratio));
	}

	private boolean isPair() {
		return this.servers.size() == 2;
	}

	private static Function<Finding, @Nullable Double> load(String row, String figure) {
		return (finding) -> finding.rows().getOrDefault(row, Map.of()).get(figure);
	}

	/** Those of the rounds that count. */
	private Map<Integer, Double> valuesByRound(String server, Function<Finding, @Nullable Double> figure) {
		Map<Integer, Double> values = new LinkedHashMap<>();
		for (Finding finding : this.findings) {
			Double value = figure.apply(finding);
			if (finding.isSound() && finding.server().equals(server) && value != null) {
				values.put(finding.round(), value);
			}
		}
		return values;
	}

	/**
	 * The middle one, or the mean of the two in the middle; not a number if there is
	 * none.
	 */
	static double median(Collection<Double> values) {
		List<Double> sorted = values.stream().sorted().toList();
		int count = sorted.size();
		return sorted.isEmpty() ? Double.NaN : (sorted.get((count - 1) / 2) + sorted.get(count / 2)) / 2;
	}

	/** Half of the distance from the lowest to the highest, as a share of the median. */
	static double spread(Collection<Double> values) {
		double lowest = values.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN);
		double highest = values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
		return (highest - lowest) / 2 / median(values);
	}

	private static void table(StringBuilder out, List<String> head, List<List<String>> rows) {
		Map<Integer, Integer> widths = new LinkedHashMap<>();
		List<List<String>> all = new ArrayList<>(List.of(head));
		all.addAll(rows);
		for (List<String> row : all) {
			for (int i = 0; i < row.size(); i++) {
				widths.merge(i, row.get(i).length(), Math::max);
			}
		}
		line(out, head, widths);
		for (int i = 0; i < head.size(); i++) {
			String dashes = "-".repeat(widths.getOrDefault(i, 0) + 1);
			out.append((i == 0) ? "|" : "").append((i == 0) ? ":" + dashes : dashes + ":").append('|');
		}
		out.append('\n');
		rows.forEach((row) -> line(out, row, widths));
	}

	private static void line(StringBuilder out, List<String> cells, Map<Integer, Integer> widths) {
		out.append('|');
		for (int i = 0; i < cells.size(); i++) {
			String blanks = " ".repeat(widths.getOrDefault(i, 0) - cells.get(i).length());
			out.append(' ').append((i == 0) ? cells.get(i) + blanks : blanks + cells.get(i)).append(" |");
		}
		out.append('\n');
	}

}
