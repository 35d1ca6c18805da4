package dev.kvserver.conformance.coordination;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.google.protobuf.Message;
import dev.kvserver.conformance.differential.Differences;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.OpenCall;
import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;

/**
 * Plays one history of elections and locks on two empty servers, act by act, and fails at
 * the first difference. After each act it waits for all that must have come of it, so
 * that both servers are in the same state before the next.
 */
final class CoordinationRun {

	private static final int LINES_KEPT = 40;

	private final CoordinationSide left;

	private final CoordinationSide right;

	private final Queues queues = new Queues();

	private final CoordinationHistory history;

	private final Deque<String> newest = new ArrayDeque<>();

	private final Map<String, Integer> counts = new TreeMap<>();

	private int eventsCompared;

	private final Map<Integer, Integer> observationsCompared = new TreeMap<>();

	CoordinationRun(CoordinationSide left, CoordinationSide right, long seed) {
		this.left = left;
		this.right = right;
		this.history = new CoordinationHistory(seed, this.queues);
	}

	/**
	 * Plays the history.
	 * @return the kinds of answers and their numbers
	 */
	Map<String, Integer> run(int steps) {
		for (int i = 0; i < steps; i++) {
			Act act = this.history.next();
			note("#" + i + " " + act);
			try {
				take(act);
			}
			catch (AssertionError ex) {
				throw new AssertionError(
						"At " + act + ": " + ex.getMessage() + "\nbefore:\n  " + String.join("\n  ", this.newest), ex);
			}
		}
		ask(Call.of(MaintenanceGrpc.getHashKVMethod(), HashKVRequest.getDefaultInstance()));
		return this.counts;
	}

	private void take(Act act) {
		List<Integer> ended = this.queues.take(act);
		if (act instanceof Act.Lock lock) {
			start(lock.client(), Requests.lock(lock.name(), lock.lease()));
		}
		else if (act instanceof Act.Campaign campaign) {
			start(campaign.client(), Requests.campaign(campaign.name(), campaign.lease(), campaign.value()));
		}
		else if (act instanceof Act.Observe observe) {
			this.observationsCompared.put(observe.client(), 0);
			start(observe.client(), Requests.observe(observe.name()));
		}
		else if (act instanceof Act.Cancel cancel) {
			this.left.cancel(cancel.client());
			this.right.cancel(cancel.client());
			count("Cancel");
		}
		else if (act instanceof Act.Drop drop) {
			this.left.drop(drop.client());
			this.right.drop(drop.client());
			count("Drop");
		}
		else {
			ask(callOf(act));
		}
		ended.forEach(this::end);
		compareEvents();
		this.queues.observations().forEach(this::compareObservations);
		if (!this.left.over().isEmpty() || !this.right.over().isEmpty()) {
			throw new AssertionError("Clients " + this.left.over() + " | " + this.right.over() + " wait no longer");
		}
	}

	private static Call callOf(Act act) {
		if (act instanceof Act.Grant grant) {
			return Requests.grant(grant.lease());
		}
		if (act instanceof Act.Revoke revoke) {
			return Requests.revoke(revoke.lease());
		}
		if (act instanceof Act.Unlock unlock) {
			return Requests.unlock(unlock.key());
		}
		if (act instanceof Act.Proclaim proclaim) {
			return Requests.proclaim(proclaim.leader(), proclaim.value());
		}
		if (act instanceof Act.Resign resign) {
			return Requests.resign(resign.leader());
		}
		if (act instanceof Act.Leader leader) {
			return Requests.leader(leader.name());
		}
		throw new IllegalArgumentException(act.toString());
	}

	private void start(int client, Call call) {
		this.left.start(client, call);
		this.right.start(client, call);
		if (!this.queues.isBusy(client)) {
			end(client);
		}
	}

	private void end(int client) {
		compare(this.left.call(client), this.right.call(client));
		this.left.forget(client);
		this.right.forget(client);
	}

	private void ask(Call call) {
		compare(this.left.ask(call), this.right.ask(call));
	}

	private void compare(OpenCall left, OpenCall right) {
		Outcome leftOutcome = left.awaitEnd();
		compare(left.what(), leftOutcome, right.awaitEnd());
		note("  " + left.what().method().getBareMethodName() + ": " + leftOutcome);
		count(left.what().method().getBareMethodName() + " " + leftOutcome.code() + " " + leftOutcome.text());
	}

	private void compareEvents() {
		int count = this.queues.events();
		List<? extends Message> leftEvents = this.left.awaitEvents(count);
		List<? extends Message> rightEvents = this.right.awaitEvents(count);
		Call watch = Requests.leader("events");
		compare(watch, Outcome.ok(leftEvents.subList(this.eventsCompared, leftEvents.size())),
				Outcome.ok(rightEvents.subList(this.eventsCompared, rightEvents.size())));
		if (leftEvents.size() != count) {
			throw new AssertionError("Both have " + leftEvents.size() + " events instead of " + count);
		}
		this.eventsCompared = count;
	}

	private void compareObservations(int client, int count) {
		int compared = this.observationsCompared.getOrDefault(client, 0);
		List<Message> leftSeen = this.left.call(client).awaitMessages(count);
		List<Message> rightSeen = this.right.call(client).awaitMessages(count);
		compare(this.left.call(client).what(), Outcome.ok(leftSeen.subList(compared, leftSeen.size())),
				Outcome.ok(rightSeen.subList(compared, rightSeen.size())));
		for (int i = compared; i < count; i++) {
			count("Observed");
		}
		this.observationsCompared.put(client, count);
	}

	private static void compare(Call call, Outcome left, Outcome right) {
		List<String> differences = Differences.between(call, left, right);
		if (!differences.isEmpty()) {
			throw new AssertionError(call + "\n  " + String.join("\n  ", differences) + "\nreference: " + left
					+ "\ncandidate: " + right);
		}
	}

	private void count(String what) {
		this.counts.merge(what.trim(), 1, Integer::sum);
	}

	private void note(String line) {
		if (this.newest.size() == LINES_KEPT) {
			this.newest.removeFirst();
		}
		this.newest.addLast(line);
	}

}
