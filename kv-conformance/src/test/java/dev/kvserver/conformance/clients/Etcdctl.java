package dev.kvserver.conformance.clients;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.Texts;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;

/**
 * etcdctl on one server. What it writes is kept, without what is another one on every
 * server.
 */
final class Etcdctl {

	private static final Pattern LEASE = Pattern.compile("lease ([0-9a-f]+) granted");

	private static final Pattern REVISION = Pattern.compile("\"revision\":(\\d+)");

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final EtcdBinary binary;

	private final int port;

	private final String endpoint;

	private final List<String> transcript = new ArrayList<>();

	private List<String> options = List.of();

	private String lease = "none";

	private String member = "none";

	Etcdctl(EtcdBinary binary, int port) {
		this.binary = binary;
		this.port = port;
		this.endpoint = "127.0.0.1:" + port;
	}

	/** Gives all commands from now on these options, and none of those before. */
	void options(List<String> newOptions) {
		this.options = newOptions;
		this.transcript.add("options " + String.join(" ", newOptions));
	}

	/**
	 * Runs a command; {@code LEASE} stands for the lease granted last, and {@code OWN_ID}
	 * for the server's member id when {@link #member()} has been asked.
	 */
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

	/** Asks for the id of the only member. */
	void member() {
		String list = CommandLine.run(command("member", "list"), "").output();
		this.member = list.substring(0, list.indexOf(','));
	}

	/** Keeps something else. */
	void keep(String text) {
		this.transcript.add(normal(text));
	}

	/** Blocks until there are so many keys with a prefix. */
	void awaitKeys(String prefix, int count) {
		try (Connection connection = new Connection(this.port); WatchConnection watch = watch(connection, prefix)) {
			RangeRequest keys = RangeRequest.newBuilder()
				.setKey(bytes(prefix))
				.setRangeEnd(bytes(prefix + "~"))
				.setCountOnly(true)
				.build();
			Call call = Call.of(KVGrpc.getRangeMethod(), keys);
			for (int seen = 1; ((RangeResponse) connection.run(call).message()).getCount() < count; seen++) {
				if (watch.await((any) -> true, seen, TIMEOUT) == null) {
					throw new AssertionError("No " + count + " keys with " + prefix);
				}
			}
		}
	}

	private static WatchConnection watch(Connection connection, String prefix) {
		WatchConnection watch = new WatchConnection(connection.channel());
		watch.create(WatchCreateRequest.newBuilder().setKey(bytes(prefix)).setRangeEnd(bytes(prefix + "~")).build());
		return watch;
	}

	private static ByteString bytes(String text) {
		return ByteString.copyFromUtf8(text);
	}

	int port() {
		return this.port;
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
		command.addAll(this.options);
		for (String argument : arguments) {
			command.add(argument.replace("LEASE", this.lease)
				.replace("OWN_ID", this.member)
				.replace("ETCDCTL", "ETCDCTL_API=3 " + this.binary.path() + " --endpoints=" + this.endpoint));
		}
		return command;
	}

	/** Ids, times, addresses, sizes and raft's numbers are those of one server. */
	private String normal(String text) {
		return Texts.oneSpace(text)
			.replace(this.lease, "LEASE")
			.replace(this.member, "OWN_ID")
			.replace(this.endpoint, "ENDPOINT")
			.replaceAll("took = \\S+", "took = TIME")
			.replaceAll("\"took\":\"[^\"]+\"", "\"took\":\"TIME\"")
			.replaceAll("remaining\\(\\d+s\\)", "remaining(SECONDS)")
			.replaceAll("\\{\"level\":\"warn\".*\\n", "")
			.replaceAll("http://[^\", ]+:\\d+", "URL")
			.replaceAll("https://[^\", ]+:\\d+", "SECURE_URL")
			.replaceAll("(\"?(?:cluster_id|member_id|raft_term|raftTerm|raftIndex|raftAppliedIndex"
					+ "|leader|dbSize|dbSizeInUse|ID)" + "\"? ?: ?)\\d+", "$1NUMBER")
			.replaceAll("(\"(?:ClusterID|MemberID|RaftTerm|RaftIndex|RaftAppliedIndex|Leader|DBSize|DBSizeInUse"
					+ "|ID|Hash)\" : |\"Lease\" : (?=[1-9]))\\d+", "$1NUMBER")
			.replaceAll("(\"?(?:version|Version)\"? ?: ?\"3\\.7\\.)\\d+", "$1PATCH")
			.replaceAll("(?m)^(lock|election)/[0-9a-f]{10,16}$", "$1/SESSION")
			.replaceAll("(?i)(cluster) +[0-9a-f]{12,16}", "$1 CLUSTER")
			.replaceAll("Member +OWN_ID", "Member OWN_ID")
			.replaceAll("took \\d\\S*", "took TIME")
			.replaceAll("(?m)^(OWN_ID|[0-9a-f]{12,16}), started, [^,]+, ", "MEMBER, started, NAME, ")
			.replaceAll("(\"(?:name|Name)\" ?: ?\")[^\"]+", "$1NAME");
	}

}
