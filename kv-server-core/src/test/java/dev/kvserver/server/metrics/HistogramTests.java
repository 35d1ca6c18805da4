package dev.kvserver.server.metrics;

import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HistogramTests {

	@Test
	void aValueAtABoundIsBelowIt() {
		Histogram histogram = Histogram.ofSeconds(.001, 3);
		histogram.observe(0);
		histogram.observe(1_000_000);
		histogram.observe(1_000_001);
		histogram.observe(4_000_000);
		histogram.observe(4_000_001);
		assertThat(counts(histogram)).containsExactly(2L, 1L, 1L, 1L);
		assertThat(histogram.count()).isEqualTo(5);
		assertThat(histogram.sum()).isEqualTo(.010000002);
	}

	@Test
	void severalEqualValuesCountAsSeveral() {
		Histogram histogram = Histogram.ofNumbers(1, 2);
		histogram.observe(2, 3);
		histogram.observe(7, 0);
		histogram.observe(-5);
		assertThat(counts(histogram)).containsExactly(1L, 3L, 0L);
		assertThat(histogram.sum()).isEqualTo(6);
	}

	@Test
	void samplesAreCumulative() {
		Histogram histogram = Histogram.ofMillis(.5, 2);
		histogram.observe(400_000);
		histogram.observe(800_000);
		histogram.observe(9_000_000);
		SampleSink sink = new SampleSink();
		sink.add(histogram, "type", "x");
		assertThat(sink.samples()).containsExactly(new Sample("_bucket", List.of("type", "x", "le", "0.5"), 1),
				new Sample("_bucket", List.of("type", "x", "le", "1"), 2),
				new Sample("_bucket", List.of("type", "x", "le", "+Inf"), 3),
				new Sample("_sum", List.of("type", "x"), 10.2), new Sample("_count", List.of("type", "x"), 3));
	}

	private static List<Long> counts(Histogram histogram) {
		return IntStream.rangeClosed(0, histogram.buckets()).mapToObj(histogram::countIn).toList();
	}

}
