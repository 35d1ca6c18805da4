package dev.kvserver.conformance.process;

import java.time.Duration;
import java.util.List;

/**
 * What is compared with the reference.
 */
public final class Candidates {

	/** For cases about progress; otherwise nobody wants it in between. */
	private static final Duration SHORT_INTERVAL = Duration.ofMillis(100);

	private static final Duration LONG_INTERVAL = Duration.ofMinutes(10);

	private Candidates() {
	}

	/**
	 * Starts an empty server to be compared: ours, or a second reference with
	 * {@code -Dkv.candidate=etcd}, which shows whether a case is one.
	 * @param durable whether it keeps its data in a directory, if it is ours
	 * @return the running server
	 */
	public static ServerUnderTest start(boolean durable) {
		if (System.getProperty("kv.candidate", "ours").equals("etcd")) {
			return EtcdProcess.startFast(EtcdBinary.reference());
		}
		return startOurs(durable, LONG_INTERVAL);
	}

	/**
	 * Starts the same server, which tells idle watchers the revision very often.
	 * @return the running server
	 */
	public static ServerUnderTest startNotifying() {
		if (System.getProperty("kv.candidate", "ours").equals("etcd")) {
			return EtcdProcess.startFast(EtcdBinary.reference(), progressFlag());
		}
		return startOurs(true, SHORT_INTERVAL);
	}

	/**
	 * Starts a server in memory whose logins give tokens of a kind.
	 * @param token the kind, as the flag {@code --auth-token} has it
	 * @return the running server
	 */
	public static ServerUnderTest startWithTokens(String token) {
		if (System.getProperty("kv.candidate", "ours").equals("etcd")) {
			return EtcdProcess.startFast(EtcdBinary.reference(), "--bcrypt-cost=4", "--auth-token=" + token);
		}
		OursProcess ours = new OursProcess(false, LONG_INTERVAL, token);
		ours.start();
		return ours;
	}

	private static ServerUnderTest startOurs(boolean durable, Duration progressInterval) {
		OursProcess ours = new OursProcess(durable, progressInterval, "simple");
		ours.start();
		return ours;
	}

	/**
	 * The sample application, to be compared by real clients, or a second reference with
	 * {@code -Dkv.candidate=etcd}.
	 * @param arguments what is added to the application's command line
	 * @return the server, not started
	 */
	public static ServerUnderTest sampleApp(String... arguments) {
		if (System.getProperty("kv.candidate", "ours").equals("etcd")) {
			return new EtcdProcess(EtcdBinary.reference());
		}
		return new SampleAppProcess(arguments);
	}

	/**
	 * The sample application, or a second reference set up in the same way.
	 * @param flags what the reference would be told
	 * @param arguments what is added to the application's command line
	 * @return the server, not started
	 */
	public static ServerUnderTest sampleApp(List<String> flags, List<String> arguments) {
		if (System.getProperty("kv.candidate", "ours").equals("etcd")) {
			return new EtcdProcess(EtcdBinary.reference(), flags.toArray(String[]::new));
		}
		return new SampleAppProcess(arguments.toArray(String[]::new));
	}

	/**
	 * The reference's flag that makes it tell idle watchers the revision as often as the
	 * candidate does.
	 * @return the flag
	 */
	public static String progressFlag() {
		return "--watch-progress-notify-interval=" + SHORT_INTERVAL.toMillis() + "ms";
	}

}
