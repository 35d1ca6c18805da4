package dev.kvserver.conformance.coordination;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.history.Dice;
import dev.kvserver.proto.v3electionpb.LeaderKey;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what is done next, by a seed. Left out is what nobody can wait for: a second
 * entry of somebody who is in the queue already changes nothing that could be seen, and
 * neither does the leaving of a caller whose key somebody else has deleted.
 */
final class CoordinationHistory {

	static final int CLIENTS = 10;

	/** One name is below another, whose queue its keys stand in, too. */
	private static final List<String> NAMES = List.of("a", "b", "a/x");

	private static final int LEASES = 7;

	private final Dice dice;

	private final Queues queues;

	private final Map<Integer, Integer> busySince = new HashMap<>();

	private int steps;

	CoordinationHistory(long seed, Queues queues) {
		this.dice = new Dice(seed);
		this.queues = queues;
	}

	Act next() {
		this.steps++;
		while (true) {
			Act act = candidate();
			if (act != null) {
				return act;
			}
		}
	}

	private @Nullable Act candidate() {
		int choice = this.dice.below(100);
		if (choice < 10) {
			long lease = 1L + this.dice.below(LEASES);
			return this.queues.isLive(lease) && this.dice.chance(50) ? new Act.Revoke(lease) : new Act.Grant(lease);
		}
		if (choice < 55) {
			return enter();
		}
		if (choice < 70) {
			return new Act.Unlock(someKey(this.dice.pick(NAMES)));
		}
		return (choice < 85) ? ofCandidates() : ofClients();
	}

	private @Nullable Act enter() {
		int client = idleClient();
		String name = this.dice.pick(NAMES);
		long lease = 1L + this.dice.below(LEASES);
		Optional<Queues.Entry> own = this.queues.entry(Queues.key(name, lease));
		boolean unseen = own.isPresent() && !this.queues.goesOn(name, lease);
		if (client < 0) {
			return null;
		}
		busy(client);
		if (this.dice.chance(50)) {
			return unseen ? null : new Act.Lock(client, name, lease);
		}
		String value = "v" + this.dice.below(3);
		return (unseen && own.get().value().equals(value)) ? null : new Act.Campaign(client, name, lease, value);
	}

	private Act ofCandidates() {
		String name = this.dice.pick(NAMES);
		LeaderKey leader = leaderKey(name);
		return switch (this.dice.below(3)) {
			case 0 -> new Act.Leader(name);
			case 1 -> new Act.Proclaim(leader, "p" + this.dice.below(1000));
			default -> new Act.Resign(leader);
		};
	}

	/** Mostly somebody who is there, sometimes with another past, or nobody. */
	private @Nullable LeaderKey leaderKey(String name) {
		List<String> queue = this.queues.queue(name);
		if (queue.isEmpty()) {
			return this.dice.chance(50) ? null
					: LeaderKey.newBuilder()
						.setName(ByteString.copyFromUtf8(name))
						.setKey(ByteString.copyFromUtf8(name + "/nobody"))
						.setRev(1)
						.setLease(1)
						.build();
		}
		LeaderKey leader = this.queues.leaderKey(name, this.dice.chance(60) ? queue.get(0) : this.dice.pick(queue));
		return this.dice.chance(85) ? leader : leader.toBuilder().setRev(leader.getRev() - 1).build();
	}

	private @Nullable Act ofClients() {
		int client = this.dice.below(CLIENTS);
		if (!this.queues.isBusy(client)) {
			busy(client);
			return this.dice.chance(40) ? new Act.Observe(client, this.dice.pick(NAMES)) : null;
		}
		Optional<Queues.Waiting> waiting = this.queues.waiting(client);
		if (waiting.isPresent() && this.queues.entry(waiting.get().key()).isEmpty()) {
			return null;
		}
		if (this.busySince.getOrDefault(client, 0) >= this.steps - 1) {
			// etcd leaves the key of a caller behind who goes at once.
			return null;
		}
		return this.dice.chance(60) ? new Act.Cancel(client) : new Act.Drop(client);
	}

	private String someKey(String name) {
		List<String> queue = this.queues.queue(name);
		if (queue.isEmpty() || this.dice.chance(5)) {
			return name + "/nobody";
		}
		return this.dice.chance(70) ? queue.get(0) : this.dice.pick(queue);
	}

	private void busy(int client) {
		this.busySince.put(client, this.steps);
	}

	private int idleClient() {
		List<Integer> idle = IntStream.range(0, CLIENTS)
			.filter((client) -> !this.queues.isBusy(client))
			.boxed()
			.toList();
		return idle.isEmpty() ? -1 : this.dice.pick(idle);
	}

}
