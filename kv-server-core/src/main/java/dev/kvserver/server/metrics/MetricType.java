package dev.kvserver.server.metrics;

import java.util.Locale;

/** What kind of numbers a family has. */
public enum MetricType {

	/** Numbers that only grow. */
	COUNTER,
	/** Numbers that go up and down. */
	GAUGE,
	/** Cumulative counts below bounds. */
	HISTOGRAM,
	/** A count and a sum. */
	SUMMARY;

	/** As the exposition formats spell it. */
	String text() {
		return name().toLowerCase(Locale.ROOT);
	}

}
