package dev.kvserver.benchmarks.load.compare;

import java.util.Collection;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Writes JSON, indented.
 */
public final class Json {

	private Json() {
	}

	/**
	 * Writes a value.
	 * @param value nested maps and collections of texts, numbers, truth values and
	 * {@code null}; a number that is none becomes {@code null}
	 * @return the text
	 */
	public static String write(@Nullable Object value) {
		StringBuilder out = new StringBuilder();
		write(out, value, "\n");
		return out.toString();
	}

	private static void write(StringBuilder out, @Nullable Object value, String indent) {
		if (value instanceof Map<?, ?> map) {
			writeMap(out, map, indent);
		}
		else if (value instanceof Collection<?> list) {
			writeList(out, list, indent);
		}
		else if (value instanceof Double number) {
			out.append(Double.isFinite(number) ? number.toString() : "null");
		}
		else if (value == null || value instanceof Number || value instanceof Boolean) {
			out.append(value);
		}
		else {
			writeText(out, value.toString());
		}
	}

	private static void writeMap(StringBuilder out, Map<?, ?> map, String indent) {
		String inner = indent + "  ";
		String separator = "";
		out.append('{');
		for (Map.Entry<?, ?> entry : map.entrySet()) {
			out.append(separator).append(inner);
			writeText(out, String.valueOf(entry.getKey()));
			out.append(": ");
			write(out, entry.getValue(), inner);
			separator = ",";
		}
		out.append(map.isEmpty() ? "" : indent).append('}');
	}

	private static void writeList(StringBuilder out, Collection<?> list, String indent) {
		String inner = indent + "  ";
		String separator = "";
		out.append('[');
		for (Object value : list) {
			out.append(separator).append(inner);
			write(out, value, inner);
			separator = ",";
		}
		out.append(list.isEmpty() ? "" : indent).append(']');
	}

	private static void writeText(StringBuilder out, String text) {
		out.append('"');
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			if (c == '"' || c == '\\') {
				out.append('\\').append(c);
			}
			else if (c < ' ') {
				out.append("\\u%04x".formatted((int) c));
			}
			else {
				out.append(c);
			}
		}
		out.append('"');
	}

}
