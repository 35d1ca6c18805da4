package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.mvcc.WriteTxn;
import org.jspecify.annotations.Nullable;

/**
 * What has really happened, kept as naively as possible: every event with its previous
 * key value, never compacted. Changes the store by the way.
 */
final class ModelHistory {

	static final int KEYS = 12;

	private final WatchFixture fixture;

	private final SplittableRandom random;

	private final TreeMap<String, KeyValue> state = new TreeMap<>();

	/** In order of revision, then of change. */
	private final List<Event> events = new ArrayList<>();

	private int values;

	ModelHistory(WatchFixture fixture, SplittableRandom random) {
		this.fixture = fixture;
		this.random = random;
	}

	List<Event> events() {
		return this.events;
	}

	long revision() {
		return this.fixture.store.revision();
	}

	long compactRevision() {
		return this.fixture.store.compactRevision();
	}

	static String key(int number) {
		return "k%02d".formatted(number);
	}

	/** Some transactions, handed to the loop together. */
	void write() {
		for (int i = this.random.nextInt(4); i >= 0; i--) {
			WriteTxn txn = this.fixture.store.begin();
			long revision = revision() + 1;
			Set<String> used = new HashSet<>();
			for (int op = this.random.nextInt(8) / 5; op >= 0; op--) {
				String key = key(this.random.nextInt(KEYS));
				if (used.add(key)) {
					change(txn, key, revision);
				}
			}
			txn.end();
		}
		this.fixture.publish();
	}

	private void change(WriteTxn txn, String key, long revision) {
		KeyValue before = this.state.get(key);
		Event.Builder event = Event.newBuilder();
		if (before != null) {
			event.setPrevKv(before);
		}
		if (before == null || this.random.nextInt(3) > 0) {
			String value = "v" + this.values + "x".repeat(this.random.nextInt(5) == 0 ? 700 : 3);
			this.values++;
			txn.put(WatchFixture.bytes(key), WatchFixture.bytes(value), 0);
			KeyValue after = after(key, value, revision, before);
			this.state.put(key, after);
			this.events.add(event.setKv(after).build());
			return;
		}
		WatchFixture.delete(txn, key);
		this.state.remove(key);
		KeyValue gone = KeyValue.newBuilder().setKey(WatchFixture.string(key)).setModRevision(revision).build();
		this.events.add(event.setType(Event.EventType.DELETE).setKv(gone).build());
	}

	private static KeyValue after(String key, String value, long revision, @Nullable KeyValue before) {
		return KeyValue.newBuilder()
			.setKey(WatchFixture.string(key))
			.setValue(WatchFixture.string(value))
			.setCreateRevision((before != null) ? before.getCreateRevision() : revision)
			.setModRevision(revision)
			.setVersion((before != null) ? before.getVersion() + 1 : 1)
			.build();
	}

	/** Compacts at a revision that allows it, often at the newest one. */
	void compact() {
		long lowest = Math.max(2, compactRevision() + 1);
		if (lowest <= revision()) {
			long spread = Math.min(revision() - lowest, this.random.nextInt(3) == 0 ? 0 : 40);
			this.fixture.compact(revision() - ((spread > 0) ? this.random.nextLong(spread + 1) : 0));
		}
	}

	/** Removes a part of what compactions freed. */
	void removeSome() {
		if (this.fixture.store.isCompacting()) {
			this.fixture.store.compactSome();
			this.fixture.publish();
		}
	}

}
