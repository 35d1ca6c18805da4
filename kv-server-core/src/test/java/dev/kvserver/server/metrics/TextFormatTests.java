package dev.kvserver.server.metrics;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class TextFormatTests {

	private final MetricRegistry registry = new MetricRegistry();

	@Test
	void familiesAreInOrderAndThoseWithoutNumbersAreLeftOut() {
		this.registry.gauge("b_total", "A gauge.", () -> 7);
		this.registry.add("c", MetricType.COUNTER, "Nothing.", (sink) -> {
		});
		this.registry.add("a", MetricType.COUNTER, "Back\\slash\nand line", (sink) -> {
			sink.add(1, "x", "1", "y", "quote \" back \\ line \n");
			sink.add(1.5, "x", "2");
		});
		assertThat(TextFormat.PROMETHEUS.write(this.registry.gather())).isEqualTo("""
				# HELP a Back\\\\slash\\nand line
				# TYPE a counter
				a{x="1",y="quote \\" back \\\\ line \\n"} 1
				a{x="2"} 1.5
				# HELP b_total A gauge.
				# TYPE b_total gauge
				b_total 7
				""");
		assertThat(this.registry.gather()).hasSize(3);
	}

	@Test
	void openMetricsHasOtherNamesForCountersAndAnEnd() {
		this.registry.counter("a_total", "One.", () -> 1);
		this.registry.counter("b", "Two.", () -> 2);
		this.registry.gauge("c_total", "Three.", () -> 3);
		assertThat(TextFormat.OPEN_METRICS.write(this.registry.gather())).isEqualTo("""
				# HELP a One.
				# TYPE a counter
				a_total 1
				# HELP b Two.
				# TYPE b counter
				b_total 2
				# HELP c_total Three.
				# TYPE c_total gauge
				c_total 3
				# EOF
				""");
	}

	@Test
	void aNameIsTakenOnce() {
		this.registry.gauge("a", "One.", () -> 1);
		assertThatIllegalArgumentException().isThrownBy(() -> this.registry.gauge("a", "Two.", () -> 2))
			.withMessageContaining("a");
	}

}
