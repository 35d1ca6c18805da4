package dev.kvserver.server.metrics;

import java.util.List;

/**
 * Writes families for whoever scrapes them: in Prometheus' text format 0.0.4, as etcd
 * does, or in OpenMetrics, which has other names for counters and an end.
 */
public enum TextFormat {

	/** Prometheus' text format. */
	PROMETHEUS("text/plain; version=0.0.4; charset=utf-8; escaping=underscores"),
	/** OpenMetrics. */
	OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores");

	private static final String TOTAL = "_total";

	private final String contentType;

	TextFormat(String contentType) {
		this.contentType = contentType;
	}

	/**
	 * What the text is.
	 * @return the value of the header Content-Type
	 */
	public String contentType() {
		return this.contentType;
	}

	/**
	 * Writes families.
	 * @param families the families, in the order in which they are written; those without
	 * numbers are left out
	 * @return the text
	 */
	public String write(List<MetricFamily> families) {
		StringBuilder text = new StringBuilder();
		for (MetricFamily family : families) {
			if (!family.samples().isEmpty()) {
				write(family, text);
			}
		}
		if (this == OPEN_METRICS) {
			text.append("# EOF\n");
		}
		return text.toString();
	}

	private void write(MetricFamily family, StringBuilder text) {
		boolean counted = this == OPEN_METRICS && family.type() == MetricType.COUNTER;
		String name = family.name();
		if (counted && name.endsWith(TOTAL)) {
			name = name.substring(0, name.length() - TOTAL.length());
		}
		text.append("# HELP ").append(name).append(' ').append(help(family.help())).append('\n');
		text.append("# TYPE ").append(name).append(' ').append(family.type().text()).append('\n');
		for (Sample sample : family.samples()) {
			text.append(name).append(counted ? TOTAL : sample.suffix());
			labels(sample.labels(), text);
			text.append(' ').append(GoNumbers.format(sample.value())).append('\n');
		}
	}

	private String help(String help) {
		String escaped = help.replace("\\", "\\\\").replace("\n", "\\n");
		return (this == OPEN_METRICS) ? escaped.replace("\"", "\\\"") : escaped;
	}

	private static void labels(List<String> labels, StringBuilder text) {
		for (int i = 0; i < labels.size(); i += 2) {
			text.append((i == 0) ? '{' : ',').append(labels.get(i)).append("=\"");
			escape(labels.get(i + 1), text);
			text.append('"');
		}
		if (!labels.isEmpty()) {
			text.append('}');
		}
	}

	private static void escape(String value, StringBuilder text) {
		for (int i = 0; i < value.length(); i++) {
			char c = value.charAt(i);
			switch (c) {
				case '\\' -> text.append("\\\\");
				case '"' -> text.append("\\\"");
				case '\n' -> text.append("\\n");
				default -> text.append(c);
			}
		}
	}

}
