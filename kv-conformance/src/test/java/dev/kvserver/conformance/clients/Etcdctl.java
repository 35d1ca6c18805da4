package dev.kvserver.conformance.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kvserver.conformance.process.EtcdBinary;

/**
 * etcdctl on one server. What it writes is kept, without what is another one on every
 * server.
 */
final class Etcdctl {

	private static final Pattern LEASE = Pattern.compile("lease ([0-9a-f]+) granted");

	private static final Pattern REVISION = Pattern.compile("\"revision\":(\\d+)");

	private final EtcdBinary binary;

	private final String endpoint;

	private final List<String> transcript = new ArrayList<>();

	private String lease = "none";

	Etcdctl(EtcdBinary binary, int port) {
		this.binary = binary;
		this.endpoint = "127.0.0.1:" + port;
	}

	/** Runs a command; {@code LEASE} stands for the lease granted last. */
	void run(String... arguments) {
		runWithInput("", arguments);
	}

	/** Runs a command that reads something. */
	void runWithInput(String input, String... arguments) {
		CommandLine.Result result = CommandLine.run(command(arguments), input);
		Matcher granted = LEASE.matcher(result.output());
		if (granted.find()) {
			this.lease = granted.group(1);
		}
		this.transcript.add("$ etcdctl " + String.join(" ", arguments));
		this.transcript.add(normal(result.output()));
		this.transcript.add(normal(result.errors()) + "exit " + result.exit());
	}

	/** Starts a command that goes on. */
	CommandLine.Running start(String... arguments) {
		this.transcript.add("$ etcdctl " + String.join(" ", arguments));
		return CommandLine.start(command(arguments));
	}

	/** Keeps what a command that goes on writes, up to a line. */
	void keepUntil(CommandLine.Running running, String lastLine) {
		running.readUntil(lastLine).forEach((line) -> this.transcript.add(normal(line)));
	}

	/** The current revision. */
	long revision() {
		CommandLine.Result result = CommandLine.run(command("get", "revision", "-w", "json"), "");
		Matcher revision = REVISION.matcher(result.output());
		if (!revision.find()) {
			throw new AssertionError(result);
		}
		return Long.parseLong(revision.group(1));
	}

	/** All that was run, and what came. */
	List<String> transcript() {
		return this.transcript;
	}

	private List<String> command(String... arguments) {
		List<String> command = new ArrayList<>(
				List.of(this.binary.path().toString(), "--endpoints=" + this.endpoint, "--command-timeout=30s"));
		for (String argument : arguments) {
			command.add(argument.replace("LEASE", this.lease));
		}
		return command;
	}

	/** Ids, times, addresses, sizes and raft's numbers are those of one server. */
	private String normal(String text) {
		return text.replace(this.lease, "LEASE")
			.replace(this.endpoint, "ENDPOINT")
			.replaceAll("took = \\S+", "took = TIME")
			.replaceAll("\"took\":\"[^\"]+\"", "\"took\":\"TIME\"")
			.replaceAll("remaining\\(\\d+s\\)", "remaining(SECONDS)")
			.replaceAll("\\{\"level\":\"warn\".*\\n", "")
			.replaceAll("http://[^\", ]+:\\d+", "URL")
			.replaceAll("(\"?(?:cluster_id|member_id|raft_term|raftTerm|raftIndex|raftAppliedIndex"
					+ "|leader|dbSize|dbSizeInUse|ID)" + "\"? ?: ?)\\d+", "$1NUMBER")
			.replaceAll("(\"(?:ClusterID|MemberID|RaftTerm|RaftIndex|RaftAppliedIndex|Leader|DBSize|DBSizeInUse"
					+ "|ID|Hash)\" : |\"Lease\" : (?=[1-9]))\\d+", "$1NUMBER")
			.replaceAll("(\"?(?:version|Version)\"? ?: ?\"3\\.7\\.)\\d+", "$1PATCH")
			.replaceAll("(?m)^[0-9a-f]{12,16}, started, [^,]+, ", "MEMBER, started, NAME, ")
			.replaceAll("(\"(?:name|Name)\" ?: ?\")[^\"]+", "$1NAME");
	}

}
