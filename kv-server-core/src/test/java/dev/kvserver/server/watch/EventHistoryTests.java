package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.proto.mvccpb.KeyValue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link EventHistory}. */
class EventHistoryTests {

	/** The picture in the class comment. */
	@Test
	void oldestRevisionsGiveWayAndGapsEmptyIt() {
		EventHistory history = new EventHistory(4, Long.MAX_VALUE);
		for (long revision = 7; revision <= 11; revision++) {
			history.append(revision(revision, 1));
		}
		assertThat(history.reachesBackTo(7)).isFalse();
		assertThat(revisions(history, 8)).containsExactly(8L, 9L, 10L, 11L);
		history.append(revision(13, 1));
		assertThat(history.reachesBackTo(11)).isFalse();
		assertThat(history.reachesBackTo(12)).isFalse();
		assertThat(revisions(history, 13)).containsExactly(13L);
		assertThat(history.reachesBackTo(14)).isFalse();
	}

	@Test
	void newestRevisionStaysHoweverLarge() {
		EventHistory history = new EventHistory(4, 1_000);
		history.append(revision(2, 1));
		history.append(revision(3, 100));
		assertThat(history.reachesBackTo(2)).isFalse();
		assertThat(revisions(history, 3)).containsExactly(3L);
		assertThat(history.eventCount()).isEqualTo(100);
		history.append(revision(4, 1));
		assertThat(history.eventCount()).isOne();
	}

	@Test
	void ringGrowsWithoutLosingAnything() {
		EventHistory history = new EventHistory(1_000, Long.MAX_VALUE);
		for (long revision = 50; revision < 2_050; revision++) {
			history.append(revision(revision, 1));
		}
		assertThat(revisions(history, 1_050)).hasSize(1_000).startsWith(1_050L).endsWith(2_049L);
	}

	@Test
	void readStopsAtItsBoundsButNotBeforeTheFirstRevision() {
		EventHistory history = new EventHistory(1_000, Long.MAX_VALUE);
		for (long revision = 2; revision < 22; revision++) {
			history.append(revision(revision, 10));
		}
		assertThat(history.read(5, 3, Long.MAX_VALUE)).extracting(RevisionEvents::revision).containsExactly(5L, 6L, 7L);
		assertThat(history.read(5, 10, 1)).extracting(RevisionEvents::revision).containsExactly(5L);
	}

	private static List<Long> revisions(EventHistory history, long from) {
		assertThat(history.reachesBackTo(from)).isTrue();
		return history.read(from, Integer.MAX_VALUE, Long.MAX_VALUE).stream().map(RevisionEvents::revision).toList();
	}

	private static RevisionEvents revision(long revision, int eventCount) {
		List<WatchEvent> events = new ArrayList<>();
		for (int i = 0; i < eventCount; i++) {
			KeyValue kv = KeyValue.newBuilder().setKey(WatchFixture.string("k" + i)).setModRevision(revision).build();
			events.add(WatchEvent.stored(revision, false, kv));
		}
		return new RevisionEvents(revision, events);
	}

}
