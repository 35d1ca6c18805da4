package dev.kvserver.conformance.metrics;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What a family of etcd is.
 *
 * @param name its name
 * @param type counter, gauge or histogram
 * @param labels the names of its labels, in order
 * @param bounds the bounds of its buckets, without the last
 * @param watched whether the usual dashboards and alerts look at it
 * @param help what it says about itself
 */
record TableRow(String name, String type, List<String> labels, List<Double> bounds, boolean watched, String help) {

	/** All families of etcd, out of the table. */
	static List<TableRow> all() {
		try (BufferedReader lines = new BufferedReader(new InputStreamReader(
				Objects.requireNonNull(TableRow.class.getResourceAsStream("/metrics/etcd-metrics.txt")), UTF_8))) {
			return lines.lines().filter((line) -> !line.startsWith("#")).map(TableRow::parse).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static TableRow parse(String line) {
		String[] cells = line.split("\\|", 6);
		List<String> labels = cells[2].isEmpty() ? List.of() : List.of(cells[2].split(",", -1));
		return new TableRow(cells[0], cells[1], labels, bounds(cells[3]), cells[4].equals("M"), cells[5]);
	}

	private static List<Double> bounds(String cell) {
		if (cell.isEmpty()) {
			return List.of();
		}
		String[] words = cell.split(" ", -1);
		if (!words[0].equals("exp")) {
			return Stream.of(words).map(Double::valueOf).toList();
		}
		List<Double> bounds = new ArrayList<>();
		double bound = Double.parseDouble(words[1]);
		for (int i = Integer.parseInt(words[3]); i > 0; i--) {
			bounds.add(bound);
			bound *= Double.parseDouble(words[2]);
		}
		return bounds;
	}

	@Override
	public String toString() {
		return this.name;
	}

}
