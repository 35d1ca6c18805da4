package dev.kvserver.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What all of a server's clients have seen must be one history: that of the witness, who
 * has seen every revision.
 */
final class LifeCheck {

	private final List<Event> truth;

	/** The state of the key before each event of the truth. */
	private final List<KeyValue> before = new ArrayList<>();

	private final Map<ByteString, KeyValue> state = new TreeMap<>(ByteString.unsignedLexicographicalComparator());

	LifeCheck(List<SimulatedWatcher.Stretch> witnessed) {
		assertThat(witnessed).hasSize(1);
		this.truth = witnessed.get(0).events();
		long revision = 1;
		for (Event event : this.truth) {
			KeyValue kv = event.getKv();
			assertThat(kv.getModRevision()).as("revisions have no gaps").isBetween(revision, revision + 1);
			revision = kv.getModRevision();
			apply(event);
		}
	}

	private void apply(Event event) {
		KeyValue kv = event.getKv();
		KeyValue previous = this.state.getOrDefault(kv.getKey(), KeyValue.getDefaultInstance());
		this.before.add(previous);
		if (event.getType() == Event.EventType.DELETE) {
			assertThat(this.state.remove(kv.getKey())).as(event.toString()).isNotNull();
			return;
		}
		assertThat(kv.getVersion()).as(event.toString()).isEqualTo(previous.getVersion() + 1);
		assertThat(kv.getCreateRevision()).as(event.toString())
			.isEqualTo((previous.getVersion() > 0) ? previous.getCreateRevision() : kv.getModRevision());
		this.state.put(kv.getKey(), kv);
	}

	void check(List<SimulatedWatcher> watchers, Map<Long, ByteString> acknowledged, SimulatedServer server) {
		assertThat(server.all().getKvsList()).isEqualTo(new ArrayList<>(this.state.values()));
		Map<Long, List<ByteString>> keys = new HashMap<>();
		for (Event event : this.truth) {
			keys.computeIfAbsent(event.getKv().getModRevision(), (revision) -> new ArrayList<>())
				.add(event.getKv().getKey());
		}
		acknowledged.forEach((revision, key) -> assertThat(keys.get(revision)).as("acknowledged at %d", revision)
			.containsExactly(key));
		for (SimulatedWatcher watcher : watchers) {
			for (SimulatedWatcher.Stretch stretch : watcher.stretchesUpTo(server.view().revision())) {
				check(watcher, stretch);
			}
		}
	}

	private void check(SimulatedWatcher watcher, SimulatedWatcher.Stretch stretch) {
		int seen = 0;
		for (int i = 0; i < this.truth.size(); i++) {
			Event expected = this.truth.get(i);
			long revision = expected.getKv().getModRevision();
			if (revision >= stretch.from() && revision < stretch.to() && watcher.watches(expected.getKv().getKey())) {
				assertThat(stretch.events()).as("events of a watcher").hasSizeGreaterThan(seen);
				Event event = stretch.events().get(seen++);
				assertThat(event.toBuilder().clearPrevKv().build()).isEqualTo(expected);
				if (event.hasPrevKv()) {
					assertThat(watcher.wantsPrevious()).isTrue();
					assertThat(event.getPrevKv()).isEqualTo(this.before.get(i));
				}
			}
		}
		assertThat(stretch.events()).as("events of a watcher").hasSize(seen);
	}

}
