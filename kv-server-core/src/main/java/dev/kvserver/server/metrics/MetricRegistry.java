package dev.kvserver.server.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All families of a server, under the very names they are told by: usual registries would
 * change some of etcd's, for example cut {@code _total} off a gauge. Any thread.
 */
public final class MetricRegistry {

	private final ConcurrentSkipListMap<String, Source> families = new ConcurrentSkipListMap<>();

	/**
	 * Adds a family.
	 * @param name its name
	 * @param type what kind of numbers
	 * @param help what they mean
	 * @param source gives the numbers each time they are asked for; may read files, must
	 * not wait for anything else
	 * @throws IllegalArgumentException if there is a family of that name
	 */
	public void add(String name, MetricType type, String help, Consumer<SampleSink> source) {
		if (this.families.putIfAbsent(name, new Source(type, help, source)) != null) {
			throw new IllegalArgumentException("Two families of the name " + name);
		}
	}

	/**
	 * Adds a number that goes up and down.
	 * @param name its name
	 * @param help what it means
	 * @param value asked each time
	 */
	public void gauge(String name, String help, LongSupplier value) {
		add(name, MetricType.GAUGE, help, (sink) -> sink.add(value.getAsLong()));
	}

	/**
	 * Adds a number that only grows.
	 * @param name its name
	 * @param help what it means
	 * @param value asked each time
	 */
	public void counter(String name, String help, LongSupplier value) {
		add(name, MetricType.COUNTER, help, (sink) -> sink.add(value.getAsLong()));
	}

	void counter(String name, String help, Counter counter) {
		counter(name, help, counter::value);
	}

	void histogram(String name, String help, Histogram histogram) {
		add(name, MetricType.HISTOGRAM, help, (sink) -> sink.add(histogram));
	}

	/**
	 * All numbers as they are now.
	 * @return all families by name; one with labels may have no numbers yet
	 */
	public List<MetricFamily> gather() {
		List<MetricFamily> gathered = new ArrayList<>();
		this.families.forEach((name, source) -> {
			SampleSink sink = new SampleSink();
			source.numbers.accept(sink);
			gathered.add(new MetricFamily(name, source.type, source.help, sink.samples()));
		});
		return gathered;
	}

	private record Source(MetricType type, String help, Consumer<SampleSink> numbers) {

	}

}
