package dev.kvserver.conformance.coordination;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.v3electionpb.LeaderKey;
import org.jspecify.annotations.Nullable;

/**
 * Who stands in which queue, as far as it takes to know what has to be waited for after
 * each {@link Act}: how many events there must have been, which calls end, and what
 * observers see. What the answers contain is left to the comparison of the servers. <pre>
 *  name "a":  a/1 (created at 4, holds)  &lt;-  a/3 (at 6, waits)  &lt;-  a/2 (at 7, waits)
 * </pre>
 */
final class Queues {

	private final Map<String, Entry> entries = new TreeMap<>();

	private final TreeSet<Long> leases = new TreeSet<>();

	private final Map<Integer, Waiting> waiting = new TreeMap<>();

	private final Map<Integer, Observer> observers = new TreeMap<>();

	private long revision = 1;

	private int events;

	/**
	 * Takes an act.
	 * @return the clients whose waiting calls end by it
	 */
	List<Integer> take(Act act) {
		if (act instanceof Act.Grant grant) {
			this.leases.add(grant.lease());
		}
		else if (act instanceof Act.Revoke revoke) {
			this.leases.remove(revoke.lease());
			delete(keysOf(revoke.lease()));
		}
		else if (act instanceof Act.Lock lock) {
			enter(lock.client(), lock.name(), lock.lease(), "", true);
		}
		else if (act instanceof Act.Campaign campaign) {
			enter(campaign.client(), campaign.name(), campaign.lease(), campaign.value(), false);
		}
		else if (act instanceof Act.Unlock unlock) {
			delete(List.of(unlock.key()));
		}
		else {
			takeOfCandidates(act);
		}
		return endWaiting();
	}

	private void takeOfCandidates(Act act) {
		if (act instanceof Act.Proclaim proclaim) {
			currentKey(proclaim.leader())
				.ifPresent((key) -> put(key, proclaim.value(), entry(key).orElseThrow().lease()));
		}
		else if (act instanceof Act.Resign resign) {
			currentKey(resign.leader()).ifPresent((key) -> delete(List.of(key)));
		}
		else if (act instanceof Act.Observe observe) {
			Observer observer = new Observer(observe.name());
			this.observers.put(observe.client(), observer);
			observer.look();
		}
		else if (act instanceof Act.Cancel cancel) {
			leave(cancel.client());
		}
		else if (act instanceof Act.Drop drop) {
			leave(drop.client());
		}
	}

	/** Whether a call returns without having to wait for others. */
	boolean goesOn(String name, long lease) {
		Entry own = this.entries.get(key(name, lease));
		if (own == null) {
			return !this.leases.contains(lease) || queue(name).isEmpty();
		}
		return olderThan(name, own.created()).isEmpty();
	}

	/** Those under a name, oldest first. */
	List<String> queue(String name) {
		return olderThan(name, Long.MAX_VALUE);
	}

	/** The key of somebody in an election, as the server tells it. */
	LeaderKey leaderKey(String name, String key) {
		Entry entry = entry(key).orElseThrow();
		return LeaderKey.newBuilder()
			.setName(ByteString.copyFromUtf8(name))
			.setKey(ByteString.copyFromUtf8(key))
			.setRev(entry.created())
			.setLease(entry.lease())
			.build();
	}

	boolean isLive(long lease) {
		return this.leases.contains(lease);
	}

	Optional<Entry> entry(String key) {
		return Optional.ofNullable(this.entries.get(key));
	}

	/** The key for which a client waits, if it does. */
	Optional<Waiting> waiting(int client) {
		return Optional.ofNullable(this.waiting.get(client));
	}

	/** Whether a client has something under way. */
	boolean isBusy(int client) {
		return this.waiting.containsKey(client) || this.observers.containsKey(client);
	}

	/** How many events there have been. */
	int events() {
		return this.events;
	}

	/** The clients that observe, and how much they must have seen. */
	Map<Integer, Integer> observations() {
		Map<Integer, Integer> seen = new TreeMap<>();
		this.observers.forEach((client, observer) -> seen.put(client, observer.seen));
		return seen;
	}

	static String key(String name, long lease) {
		return name + "/" + Long.toHexString(lease);
	}

	private void enter(int client, String name, long lease, String value, boolean lock) {
		String key = key(name, lease);
		Entry existing = this.entries.get(key);
		if (existing == null) {
			if (!this.leases.contains(lease)) {
				return;
			}
			put(key, value, lease);
		}
		else if (!lock && !existing.value().equals(value)) {
			put(key, value, lease);
		}
		long created = entry(key).orElseThrow().created();
		if (!olderThan(name, created).isEmpty()) {
			this.waiting.put(client, new Waiting(name, key, created, lock));
		}
	}

	private void leave(int client) {
		this.observers.remove(client);
		Waiting left = this.waiting.remove(client);
		if (left != null) {
			Entry own = this.entries.get(left.key());
			if (own != null && (left.lock() || own.created() == left.created())) {
				delete(List.of(left.key()));
			}
		}
	}

	private void put(String key, String value, long lease) {
		this.revision++;
		this.events++;
		Entry before = this.entries.get(key);
		this.entries.put(key, new Entry((before != null) ? before.created() : this.revision, lease, value));
		this.observers.values().forEach((observer) -> observer.onPut(key));
	}

	/** All at one revision. */
	private void delete(List<String> keys) {
		List<String> deleted = keys.stream().filter(this.entries::containsKey).toList();
		if (deleted.isEmpty()) {
			return;
		}
		this.revision++;
		this.events += deleted.size();
		deleted.forEach(this.entries::remove);
		this.observers.values().forEach((observer) -> observer.onDeleted(deleted));
	}

	private List<Integer> endWaiting() {
		List<Integer> ended = new ArrayList<>();
		this.waiting.forEach((client, waiter) -> {
			if (olderThan(waiter.name(), waiter.created()).isEmpty()) {
				ended.add(client);
			}
		});
		ended.forEach(this.waiting::remove);
		return ended;
	}

	/** The key of somebody in an election, if it is still the one that was meant. */
	private Optional<String> currentKey(@Nullable LeaderKey leader) {
		if (leader == null) {
			return Optional.empty();
		}
		String key = leader.getKey().toStringUtf8();
		return entry(key).filter((own) -> own.created() == leader.getRev()).map((own) -> key);
	}

	private List<String> keysOf(long lease) {
		return this.entries.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().lease() == lease)
			.map(Map.Entry::getKey)
			.toList();
	}

	private List<String> olderThan(String name, long created) {
		Stream<Map.Entry<String, Entry>> under = this.entries.entrySet()
			.stream()
			.filter((entry) -> entry.getKey().startsWith(name + "/") && entry.getValue().created() < created);
		return under.sorted(Comparator.comparingLong((entry) -> entry.getValue().created()))
			.map(Map.Entry::getKey)
			.toList();
	}

	/**
	 * A key.
	 *
	 * @param created the revision that created it
	 * @param lease its lease
	 * @param value its value
	 */
	record Entry(long created, long lease, String value) {

	}

	/**
	 * A call that waits.
	 *
	 * @param name for what
	 * @param key its key
	 * @param created the revision that created the key
	 * @param lock whether it is for a lock, else for an election
	 */
	record Waiting(String name, String key, long created, boolean lock) {

	}

	/** What one observer follows. */
	private final class Observer {

		private final String name;

		private @Nullable String leader;

		private int seen;

		Observer(String name) {
			this.name = name;
		}

		void look() {
			List<String> queue = queue(this.name);
			this.leader = queue.isEmpty() ? null : queue.get(0);
			if (this.leader != null) {
				this.seen++;
			}
		}

		void onPut(String key) {
			if (this.leader == null && key.startsWith(this.name + "/")) {
				this.leader = key;
			}
			if (key.equals(this.leader)) {
				this.seen++;
			}
		}

		void onDeleted(List<String> keys) {
			if (this.leader != null && keys.contains(this.leader)) {
				look();
			}
		}

	}

}
