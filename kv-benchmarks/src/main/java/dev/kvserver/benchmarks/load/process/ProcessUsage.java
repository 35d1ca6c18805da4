package dev.kvserver.benchmarks.load.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process has used, all of its threads together, as Linux tells it.
 *
 * @param cpuSeconds user and system time since it started; not a number if not known
 * @param rssBytes memory it holds now; -1 if not known
 * @param peakRssBytes the most it ever held; -1 if not known
 */
public record ProcessUsage(double cpuSeconds, long rssBytes, long peakRssBytes) {

	private static final ProcessUsage UNKNOWN = new ProcessUsage(Double.NaN, -1, -1);

	/** What Linux counts CPU time in, on every platform that Java runs on. */
	private static final double TICKS_PER_SECOND = 100;

	/** Among the fields behind the name of the program. */
	private static final int FIELD_USER_TIME = 11;

	private static final int FIELD_SYSTEM_TIME = 12;

	/**
	 * Reads what a process has used.
	 * @param pid its id
	 * @return what is known: nothing if there is no such process, or no Linux
	 */
	public static ProcessUsage read(long pid) {
		Path directory = Path.of("/proc", Long.toString(pid));
		try {
			return parse(Files.readString(directory.resolve("stat")), Files.readAllLines(directory.resolve("status")));
		}
		catch (IOException ex) {
			return UNKNOWN;
		}
	}

	/**
	 * The name of the program is in parentheses and may hold anything, so begin behind
	 * it.
	 */
	static ProcessUsage parse(String stat, List<String> status) {
		String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
		long ticks = Long.parseLong(fields[FIELD_USER_TIME]) + Long.parseLong(fields[FIELD_SYSTEM_TIME]);
		return new ProcessUsage(ticks / TICKS_PER_SECOND, bytes(status, "VmRSS:"), bytes(status, "VmHWM:"));
	}

	/** Lines are as "VmRSS: 1234 kB". */
	private static long bytes(List<String> status, String name) {
		for (String line : status) {
			if (line.startsWith(name)) {
				return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
			}
		}
		return -1;
	}

}
