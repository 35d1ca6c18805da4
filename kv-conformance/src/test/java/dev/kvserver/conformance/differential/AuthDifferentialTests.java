package dev.kvserver.conformance.differential;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.history.Dice;
import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.ServerUnderTest;
import dev.kvserver.proto.etcdserverpb.AuthEnableRequest;
import dev.kvserver.proto.etcdserverpb.AuthGrpc;
import dev.kvserver.proto.etcdserverpb.AuthUserAddRequest;
import dev.kvserver.proto.etcdserverpb.AuthUserGrantRoleRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateResponse;
import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random users with random roles do random things on a real etcd and on our server, with
 * auth switched on and off in between.
 */
@Tag("real-etcd")
class AuthDifferentialTests {

	private static final int STEPS = Integer.getInteger("kv.auth.steps", 2_500);

	private static final int CONTEXT = 12;

	/** What makes a client log in again. */
	private static final Set<String> AGAIN = Set.of("etcdserver: invalid auth token", "etcdserver: user name is empty",
			"etcdserver: revision of auth store is old");

	private AuthSteps steps = new AuthSteps(new Dice(0));

	private final Map<String, String> leftTokens = new HashMap<>();

	private final Map<String, String> rightTokens = new HashMap<>();

	private final Map<String, Integer> counts = new TreeMap<>();

	private final Deque<String> context = new ArrayDeque<>();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	Path directory;

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3 })
	void simpleTokens(long seed) {
		bothServersAnswerTheSame(seed, "simple");
	}

	/** Such tokens are old after each change of users. */
	@ParameterizedTest
	@ValueSource(longs = { 11, 12 })
	void jsonWebTokens(long seed) throws IOException {
		Path secret = Files.writeString(this.directory.resolve("secret"), "a secret of both servers");
		bothServersAnswerTheSame(seed, "jwt,sign-method=HS256,ttl=1h,priv-key=" + secret);
	}

	private void bothServersAnswerTheSame(long seed, String token) {
		try (ServerUnderTest reference = EtcdProcess.startFast(EtcdBinary.reference(), "--bcrypt-cost=4",
				"--auth-token=" + token);
				ServerUnderTest candidate = Candidates.startWithTokens(token);
				Connection left = new Connection(reference.port());
				Connection right = new Connection(candidate.port())) {
			Dice dice = new Dice(seed);
			this.steps = new AuthSteps(dice);
			addRoot(left, right);
			for (int step = 0; step < STEPS; step++) {
				play(dice, left, right, "seed " + seed + ", step " + step);
			}
			// Neither all allowed nor all refused: the run has seen something.
			assertThat(this.counts).containsKeys("Put OK", "Put PERMISSION_DENIED", "Txn OK", "Txn PERMISSION_DENIED",
					"Authenticate OK", "Authenticate INVALID_ARGUMENT", "AuthEnable OK", "AuthDisable OK", "Range OK",
					"Range PERMISSION_DENIED", "Lock OK", "Campaign OK");
		}
	}

	private void addRoot(Connection left, Connection right) {
		compare("root", Call.of(AuthGrpc.getUserAddMethod(),
				AuthUserAddRequest.newBuilder().setName("root").setPassword("root").build()), left, right);
		compare("root", Call.of(AuthGrpc.getUserGrantRoleMethod(),
				AuthUserGrantRoleRequest.newBuilder().setUser("root").setRole("root").build()), left, right);
	}

	/** While auth is disabled anybody may have removed root. */
	private void enable(Connection left, Connection right) {
		addRoot(left, right);
		compare("enable", Call.of(AuthGrpc.getAuthEnableMethod(), AuthEnableRequest.getDefaultInstance()), left, right);
		for (String user : AuthSteps.USERS) {
			login(user, user, left, right, "enabled");
		}
	}

	private void play(Dice dice, Connection left, Connection right, String where) {
		String user = dice.chance(50) ? "root" : dice.pick(AuthSteps.USERS);
		int kind = dice.below(100);
		if (kind < 8) {
			login(user, dice.chance(90) ? user : "wrong", left, right, where);
			return;
		}
		if (kind < 10) {
			enable(left, right);
			return;
		}
		Call call = (kind < 12) ? this.steps.onOrOff(dice.chance(50))
				: (kind < 50) ? this.steps.management() : this.steps.use();
		int credentials = dice.below(100);
		if (credentials < 3) {
			compare(where + " by nobody", call, left, right);
		}
		else if (credentials < 6) {
			compare(where + " by a liar", call, left.with("abcdefghijklmnop.1"), right.with("abcdefghijklmnop.1"));
		}
		else {
			Outcome outcome = compare(where + " by " + user, call, as(user, left, this.leftTokens),
					as(user, right, this.rightTokens))
				.get(0);
			if (AGAIN.contains(outcome.text()) && dice.chance(60)) {
				login(user, user, left, right, where + ", again");
			}
		}
	}

	private static Connection as(String user, Connection connection, Map<String, String> tokens) {
		String token = tokens.get(user);
		return (token != null) ? connection.with(token) : connection;
	}

	private void login(String user, String password, Connection left, Connection right, String where) {
		Call call = Call.of(AuthGrpc.getAuthenticateMethod(),
				AuthenticateRequest.newBuilder().setName(user).setPassword(password).build());
		List<Outcome> outcomes = compare(where, call, left, right);
		if (outcomes.get(0).isOk()) {
			this.leftTokens.put(user, ((AuthenticateResponse) outcomes.get(0).message()).getToken());
			this.rightTokens.put(user, ((AuthenticateResponse) outcomes.get(1).message()).getToken());
		}
	}

	private List<Outcome> compare(String where, Call call, Connection left, Connection right) {
		boolean endless = call.method() == WatchGrpc.getWatchMethod();
		Outcome leftOutcome = endless ? left.first(call) : left.run(call);
		Outcome rightOutcome = endless ? right.first(call) : right.run(call);
		this.counts.merge(call.method().getBareMethodName() + " " + leftOutcome.code(), 1, Integer::sum);
		this.steps.observe(call, leftOutcome);
		this.context.add(where + ": " + call + " -> " + leftOutcome);
		if (this.context.size() > CONTEXT) {
			this.context.remove();
		}
		List<String> differences = Differences.between(call, leftOutcome, rightOutcome);
		if (!differences.isEmpty()) {
			throw new AssertionError(String.join("\n", this.context) + "\n  " + String.join("\n  ", differences)
					+ "\nreference: " + leftOutcome + "\ncandidate: " + rightOutcome);
		}
		return List.of(leftOutcome, rightOutcome);
	}

}
