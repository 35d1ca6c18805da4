package dev.kvserver.benchmarks.load.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.kvserver.benchmarks.load.workload.LoadResult;
import dev.kvserver.benchmarks.load.workload.SeriesResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SummaryTests {

	@Test
	void medianIsTheMiddleOrTheMeanOfTheTwoInTheMiddle() {
		assertThat(Summary.median(List.of(3.0, 1.0, 10.0))).isEqualTo(3);
		assertThat(Summary.median(List.of(4.0, 1.0, 2.0, 10.0))).isEqualTo(3);
		assertThat(Summary.median(List.of())).isNaN();
		assertThat(Summary.spread(List.of(90.0, 100.0, 130.0))).isEqualTo(0.2);
	}

	@Test
	void tableShowsMediansAndTheMedianOfTheRatiosOfTheRounds() {
		List<Finding> findings = new ArrayList<>();
		findings.add(finding("etcd", 1, 100, Map.of()));
		findings.add(finding("ours", 1, 350, Map.of()));
		findings.add(finding("ours", 2, 450, Map.of()));
		findings.add(finding("etcd", 2, 125, Map.of()));
		findings.add(finding("etcd", 3, 200, Map.of()));
		findings.add(finding("ours", 3, 400, Map.of()));
		Summary summary = new Summary(List.of("etcd", "ours"), findings);
		assertThat(summary.isSound()).isTrue();
		assertThat(summary.markdown().lines().toList()).containsExactly(
				"|     | etcd per s | ours per s | ratio | etcd p50 ms | ours p50 ms | etcd p99 ms | ours p99 ms | "
						+ "etcd CPU ms/1000 | ours CPU ms/1000 | etcd peak MiB | ours peak MiB |",
				"|:----|-----------:|-----------:|------:|------------:|------------:|------------:|------------:|"
						+ "-----------------:|-----------------:|--------------:|--------------:|",
				"| put |   125 ±40% |   400 ±13% |  3.50 |       2.000 |       2.000 |       9.000 |       9.000 | "
						+ "            16.0 |              5.0 |             2 |             2 |",
				"", "|              |  etcd |  ours | ratio |", "|:-------------|------:|------:|------:|",
				"| put: expired | 1.000 | 1.000 |  1.00 |");
	}

	@Test
	void unsoundRunsDoNotCountAndAreNamed() {
		Summary summary = new Summary(List.of("etcd"),
				List.of(finding("etcd", 1, 100, Map.of()), finding("etcd", 2, 900, Map.of("status 14: gone", 3L))));
		assertThat(summary.isSound()).isFalse();
		assertThat(summary.markdown()).contains("100 ±0%")
			.contains("**Problem:** put, round 2, etcd: 3 x status 14: gone");
	}

	@Test
	void jsonIsWrittenWithItsEscapes() {
		Map<String, Object> map = new LinkedHashMap<>();
		map.put("a \"b\"\n", List.of(1, 2.5, Double.NaN, true));
		map.put("c", Map.of());
		assertThat(Json.write(map)).isEqualTo("""
				{
				  "a \\"b\\"\\u000a": [
				    1,
				    2.5,
				    null,
				    true
				  ],
				  "c": {}
				}""");
	}

	private static Finding finding(String server, int round, double rate, Map<String, Long> errors) {
		Finding finding = new Finding(server, round, Measure.PUT);
		SeriesResult total = new SeriesResult("total", (long) rate, rate, 2_000, 5_000, 9_000, 9_000, 9_000, 3_000);
		finding.take(new LoadResult("put", 1, total, List.of(), Map.of("expired", 1.0), errors, 0, List.of(), 0, 0, 0.1,
				0.002, 1024 * 1024, 2 * 1024 * 1024));
		return finding;
	}

}
