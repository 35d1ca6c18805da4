package dev.kvserver.server.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * What Linux tells about this process. Elsewhere there is none of it, which is told as
 * {@code NaN}.
 */
final class ProcessFiles {

	private static final Path SELF = Path.of("/proc/self");

	private static final int BYTES_PER_KB = 1024;

	/** Go's client prints the largest unsigned number for no limit. */
	private static final double UNLIMITED = 0x1p64;

	private ProcessFiles() {
	}

	/** A size in {@code status}, such as VmRSS, in bytes. */
	static double statusBytes(String field) {
		return number(value("status", field + ':', 1)) * BYTES_PER_KB;
	}

	/** How many threads the process has. */
	static double threads() {
		return number(value("status", "Threads:", 1));
	}

	/** The limit of the address space in bytes. */
	static double addressSpaceMax() {
		String limit = value("limits", "Max address space", 3);
		return limit.equals("unlimited") ? UNLIMITED : number(limit);
	}

	/** A column of the IpExt lines, all interfaces of the process's network together. */
	static double network(String column) {
		List<String> lines = lines("net/netstat");
		for (int i = 0; i + 1 < lines.size(); i++) {
			if (lines.get(i).startsWith("IpExt:")) {
				List<String> names = words(lines.get(i));
				List<String> values = words(lines.get(i + 1));
				int at = names.indexOf(column);
				return (at < 0 || at >= values.size()) ? Double.NaN : number(values.get(at));
			}
		}
		return Double.NaN;
	}

	private static String value(String file, String start, int word) {
		for (String line : lines(file)) {
			if (line.startsWith(start)) {
				List<String> words = words(line);
				return (word < words.size()) ? words.get(word) : "";
			}
		}
		return "";
	}

	private static List<String> words(String line) {
		return List.of(line.trim().split("\\s+", -1));
	}

	private static double number(String text) {
		try {
			return Double.parseDouble(text);
		}
		catch (NumberFormatException ex) {
			return Double.NaN;
		}
	}

	private static List<String> lines(String file) {
		try {
			return Files.readAllLines(SELF.resolve(file), ISO_8859_1);
		}
		catch (IOException ex) {
			return List.of();
		}
	}

}
