package dev.kvserver.conformance.metrics;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

import org.hawkular.agent.prometheus.text.TextPrometheusMetricsProcessor;
import org.hawkular.agent.prometheus.types.Counter;
import org.hawkular.agent.prometheus.types.Gauge;
import org.hawkular.agent.prometheus.types.Histogram;
import org.hawkular.agent.prometheus.types.Metric;
import org.hawkular.agent.prometheus.types.MetricFamily;
import org.hawkular.agent.prometheus.types.Summary;
import org.hawkular.agent.prometheus.walkers.CollectorPrometheusMetricsWalker;

/**
 * What a server's {@code /metrics} told at one moment, read by a parser that is not ours.
 */
final class Scrape {

	private static final HttpClient CLIENT = HttpClient.newHttpClient();

	private final Map<String, MetricFamily> families = new LinkedHashMap<>();

	private Scrape(byte[] text) {
		CollectorPrometheusMetricsWalker walker = new CollectorPrometheusMetricsWalker();
		new TextPrometheusMetricsProcessor(new ByteArrayInputStream(text), walker).walk();
		for (MetricFamily family : walker.getAllMetricFamilies()) {
			if (this.families.put(family.getName(), family) != null) {
				throw new AssertionError("Told twice: " + family.getName());
			}
		}
	}

	/** Asks a server; blocks. */
	static Scrape of(int port) {
		HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics")).build();
		try {
			HttpResponse<byte[]> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
			if (response.statusCode() != 200) {
				throw new AssertionError("Status " + response.statusCode());
			}
			return new Scrape(response.body());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** All families by their names. */
	Map<String, MetricFamily> families() {
		return this.families;
	}

	/**
	 * The numbers of some families, by their names with labels; of histograms how many
	 * values they have.
	 * @param wanted the names of the families
	 * @return the numbers, by name
	 */
	Map<String, Double> numbers(Predicate<String> wanted) {
		Map<String, Double> numbers = new TreeMap<>();
		for (MetricFamily family : this.families.values()) {
			if (wanted.test(family.getName())) {
				for (Metric metric : family.getMetrics()) {
					numbers.put(metric.getName() + new TreeMap<>(metric.getLabels()), number(metric));
				}
			}
		}
		return numbers;
	}

	private static double number(Metric metric) {
		if (metric instanceof Counter counter) {
			return counter.getValue();
		}
		if (metric instanceof Gauge gauge) {
			return gauge.getValue();
		}
		if (metric instanceof Histogram histogram) {
			return (double) histogram.getSampleCount();
		}
		return (double) ((Summary) metric).getSampleCount();
	}

}
