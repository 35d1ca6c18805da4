package dev.kvserver.server.watch;

import java.util.List;

import dev.kvserver.proto.etcdserverpb.WatchCreateRequest.FilterType;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.mvcc.WriteTxn;
import dev.kvserver.server.watch.WatchFixture.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.kvserver.server.watch.WatchFixture.bytes;
import static dev.kvserver.server.watch.WatchFixture.string;
import static dev.kvserver.server.watch.WatchFixture.watch;
import static dev.kvserver.server.watch.WatchFixture.watchAll;
import static org.assertj.core.api.Assertions.assertThat;

/** Events, live and from history (etcd-contract section 2.9). */
class WatchDeliveryTests {

	private final WatchFixture fixture = new WatchFixture();

	private final Client client = this.fixture.client();

	@Test
	void liveEventsComeOneResponsePerRevision() {
		this.client.create(watch("a"));
		this.fixture.put("a", "1");
		this.fixture.put("b", "1");
		this.fixture.delete("a");
		List<WatchResponse> responses = this.client.run();
		assertThat(responses).containsExactly(response(2, Event.newBuilder().setKv(kv("a", 2, 2, 1, "1")).build()),
				response(4, deleted("a", 4)));
	}

	@Test
	void eventsOfATransactionComeTogetherInTheirOrder() {
		this.client.create(watch("a", "c"));
		WriteTxn txn = this.fixture.store.begin();
		txn.put(bytes("b"), bytes("1"), 0);
		txn.put(bytes("x"), bytes("1"), 0);
		txn.put(bytes("a"), bytes("1"), 0);
		this.fixture.commit(txn);
		List<WatchResponse> responses = this.client.run();
		assertThat(responses).hasSize(1);
		assertThat(keys(responses)).containsExactly("b", "a");
	}

	@Test
	void startAtZeroMeansFromNow() {
		this.fixture.put("a", "1");
		this.client.create(watch("a"));
		assertThat(this.client.run()).isEmpty();
		this.fixture.put("a", "2");
		assertThat(revisions(this.client.run())).containsExactly(3L);
	}

	@Test
	void startInTheFutureSkipsWhatComesBefore() {
		this.client.create(watch("a").setStartRevision(4));
		this.fixture.put("a", "1");
		this.fixture.put("a", "2");
		assertThat(this.client.run()).isEmpty();
		this.fixture.put("a", "3");
		assertThat(revisions(this.client.run())).containsExactly(4L);
	}

	@Test
	void startInThePastReplaysHistoryAsOfTheCurrentRevision() {
		for (int i = 0; i < 5; i++) {
			this.fixture.put("a", "" + i);
		}
		List<WatchResponse> responses = this.client.create(watch("a").setStartRevision(3));
		assertThat(responses).hasSize(2);
		assertThat(responses.get(1).getHeader().getRevision()).isEqualTo(6);
		assertThat(revisions(responses)).containsExactly(3L, 4L, 5L, 6L);
		this.fixture.put("a", "x");
		assertThat(revisions(this.client.run())).containsExactly(7L);
	}

	@Test
	void startAtTheCompactRevisionIsAllowed() {
		this.fixture.put("a", "1");
		this.fixture.put("a", "2");
		this.fixture.put("a", "3");
		this.fixture.compact(3);
		this.fixture.removeCompacted();
		assertThat(revisions(this.client.create(watch("a").setStartRevision(3)))).containsExactly(3L, 4L);
	}

	@Test
	void startBelowTheCompactRevisionIsCreatedAndThenCancelledWithoutReason() {
		this.fixture.put("a", "1");
		this.fixture.put("a", "2");
		this.fixture.compact(3);
		List<WatchResponse> responses = this.client.create(watch("a").setStartRevision(2));
		assertThat(responses).containsExactly(WatchCreateTests.created(0, 3),
				WatchResponse.newBuilder()
					.setHeader(WatchFixture.HEADER)
					.setCanceled(true)
					.setCompactRevision(3)
					.build());
		this.fixture.put("a", "3");
		assertThat(this.client.run()).isEmpty();
	}

	/** Seen on etcd: the id stays in use until the client cancels it. */
	@Test
	void watcherOvertakenByCompactionStillAnswersItsCancel() {
		this.fixture.put("a", "1");
		this.fixture.put("a", "2");
		this.fixture.compact(3);
		this.client.create(watch("a").setStartRevision(1).setWatchId(9));
		assertThat(this.client.create(watch("b").setWatchId(9)).get(0).getCanceled()).isTrue();
		assertThat(this.client.cancel(9)).hasSize(1);
		assertThat(this.client.cancel(9)).isEmpty();
	}

	@Test
	void filtersDropEventsAndEmptyResponses() {
		this.client.create(watch("a").addFilters(FilterType.NOPUT));
		this.client.create(watch("a").addFilters(FilterType.NODELETE));
		this.client.create(watch("a").addFilters(FilterType.NOPUT).addFilters(FilterType.NODELETE));
		this.client.create(watch("a").addFiltersValue(77));
		this.fixture.put("a", "1");
		assertThat(WatchCreateTests.ids(this.client.run())).containsExactlyInAnyOrder(1L, 3L);
		this.fixture.delete("a");
		assertThat(WatchCreateTests.ids(this.client.run())).containsExactlyInAnyOrder(0L, 3L);
	}

	@Test
	void previousValueComesWithPutsAndDeletesButNotWithCreations() {
		this.client.create(watch("a").setPrevKv(true));
		replayable();
		List<Event> events = events(this.client.run());
		assertThat(events).extracting(Event::hasPrevKv).containsExactly(false, true, true, false);
		assertThat(events.get(1).getPrevKv()).isEqualTo(kv("a", 2, 2, 1, "1"));
		assertThat(events.get(2).getPrevKv()).isEqualTo(kv("a", 2, 3, 2, "2"));
	}

	/** From the ring of events, and read back from the store. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void replayedEventsEqualLiveOnes(boolean fromMemory) {
		WatchOptions options = fromMemory ? WatchOptions.defaults() : WatchFixture.smallBounds();
		WatchFixture other = new WatchFixture(options);
		Client live = other.client();
		live.create(watch("a").setPrevKv(true));
		replayable(other);
		List<Event> expected = events(live.run());
		for (int i = 0; i < 20; i++) {
			other.put("filler", "" + i);
			other.run();
		}
		List<Event> replayed = events(live.create(watch("a").setStartRevision(1).setPrevKv(true)));
		assertThat(replayed).isEqualTo(expected);
	}

	@Test
	void previousValueIsAbsentWhereItIsCompacted() {
		replayable();
		this.fixture.compact(4);
		this.fixture.removeCompacted();
		List<Event> events = events(this.client.create(watch("a").setStartRevision(4).setPrevKv(true)));
		assertThat(events).hasSize(2);
		assertThat(events.get(0).getType()).isEqualTo(Event.EventType.DELETE);
		assertThat(events.get(0).hasPrevKv()).isFalse();
	}

	@Test
	void replayIsBoundedInRevisionsPerResponse() {
		for (int i = 0; i < 2_500; i++) {
			this.fixture.put("a", "" + i);
		}
		List<WatchResponse> responses = this.client.create(watch("a").setStartRevision(1));
		assertThat(responses).extracting(WatchResponse::getEventsCount).containsExactly(0, 1000, 1000, 500);
	}

	@Test
	void largeResponsesAreSplitForWatchersThatAllowIt() {
		WatchFixture small = new WatchFixture(WatchFixture.smallBounds());
		Client watching = small.client();
		watching.create(watch("a", "z").setFragment(true));
		watching.create(watch("a", "z"));
		WriteTxn txn = small.store.begin();
		for (int i = 0; i < 10; i++) {
			txn.put(bytes("k" + i), bytes("v".repeat(1_500)), 0);
		}
		small.commit(txn);
		List<WatchResponse> responses = watching.run();
		List<WatchResponse> whole = responses.stream().filter((response) -> response.getWatchId() == 1).toList();
		List<WatchResponse> parts = responses.stream().filter((response) -> response.getWatchId() == 0).toList();
		assertThat(whole).singleElement().extracting(WatchResponse::getEventsCount).isEqualTo(10);
		assertThat(parts).extracting(WatchResponse::getEventsCount).containsExactly(2, 2, 2, 2, 2);
		assertThat(parts).extracting(WatchResponse::getFragment).containsExactly(true, true, true, true, false);
		assertThat(parts).allSatisfy((part) -> assertThat(part.getSerializedSize()).isLessThan(4_000));
		assertThat(events(parts)).isEqualTo(events(whole));
	}

	@Test
	void singleEventIsNeverSplit() {
		WatchFixture small = new WatchFixture(WatchFixture.smallBounds());
		Client watching = small.client();
		watching.create(watch("a", "z").setFragment(true));
		small.put("k", "v".repeat(10_000));
		assertThat(watching.run()).singleElement().extracting(WatchResponse::getFragment).isEqualTo(false);
	}

	@Test
	void slowStreamIsSentWhatItMissedAndNothingTwice() {
		this.client.create(watch("a"));
		Client other = this.fixture.client();
		other.create(watch("a"));
		this.fixture.put("a", "1");
		this.client.run();
		this.client.block();
		this.fixture.put("a", "2");
		this.fixture.put("b", "2");
		this.fixture.put("a", "3");
		assertThat(this.client.run()).isEmpty();
		assertThat(this.fixture.loop.stats().slowWatchers()).isOne();
		assertThat(revisions(other.run())).containsExactly(2L, 3L, 5L);
		this.client.unblock();
		List<WatchResponse> responses = this.client.run();
		assertThat(responses).singleElement()
			.extracting((response) -> response.getHeader().getRevision())
			.isEqualTo(5L);
		assertThat(revisions(responses)).containsExactly(3L, 5L);
		assertThat(this.fixture.loop.stats().slowWatchers()).isZero();
		this.fixture.put("a", "4");
		assertThat(revisions(this.client.run())).containsExactly(6L);
	}

	@Test
	void slowWatcherOvertakenByCompactionIsCancelledOnceItsStreamIsReady() {
		this.client.create(watch("a"));
		this.client.block();
		this.fixture.put("a", "1");
		this.fixture.put("a", "2");
		this.fixture.run();
		this.fixture.compact(3);
		assertThat(this.client.run()).isEmpty();
		this.client.unblock();
		assertThat(this.client.run()).containsExactly(WatchResponse.newBuilder()
			.setHeader(WatchFixture.HEADER)
			.setCanceled(true)
			.setCompactRevision(3)
			.build());
	}

	@Test
	void loopThatFallsBehindReadsTheMissingRevisionsFromTheStore() {
		WatchFixture small = new WatchFixture(WatchFixture.smallBounds());
		Client watching = small.client();
		watching.create(watch("a").setPrevKv(true));
		for (int i = 0; i < 300; i++) {
			small.put((i % 3 == 0) ? "b" : "a", "" + i);
		}
		List<WatchResponse> responses = watching.run();
		assertThat(small.loop.stats().gapRevisions()).isGreaterThan(200);
		assertThat(responses).hasSize(200);
		assertThat(responses).allSatisfy((response) -> assertThat(response.getEvents(0).getKv().getModRevision())
			.isEqualTo(response.getHeader().getRevision()));
		assertThat(events(responses).subList(1, 200)).allMatch(Event::hasPrevKv);
	}

	@Test
	void backlogIsSplitBetweenRevisionsUnlessFragmentsAreWanted() {
		WatchFixture small = new WatchFixture(
				new WatchOptions(4, 2_000, 8, 4_000, 5, 20_000, 3_000, 600, 4_000, 1_000_000_000L));
		for (int i = 0; i < 4; i++) {
			small.put("a", "x".repeat(1_200));
		}
		List<WatchResponse> whole = small.client().create(watch("a").setStartRevision(2));
		assertThat(whole).extracting(WatchResponse::getEventsCount).containsExactly(0, 2, 2);
		assertThat(whole).noneMatch(WatchResponse::getFragment);
		List<WatchResponse> parts = small.client().create(watch("a").setStartRevision(2).setFragment(true));
		assertThat(parts).extracting(WatchResponse::getEventsCount).containsExactly(0, 3, 1);
		assertThat(parts).extracting(WatchResponse::getFragment).containsExactly(false, true, false);
	}

	@Test
	void watchersAreCancelledWhenTheLoopItselfIsOvertakenByACompaction() {
		WatchFixture small = new WatchFixture(WatchFixture.smallBounds());
		Client watching = small.client();
		watching.create(watch("a"));
		watching.create(watch("a").setStartRevision(99));
		for (int i = 0; i < 50; i++) {
			small.put("a", "" + i);
		}
		small.compact(40);
		small.removeCompacted();
		List<WatchResponse> responses = watching.run();
		assertThat(responses).filteredOn(WatchResponse::getCanceled)
			.singleElement()
			.extracting(WatchResponse::getCompactRevision)
			.isEqualTo(40L);
		assertThat(revisions(responses)).allMatch((revision) -> revision <= 6);
		for (int i = 0; i < 50; i++) {
			small.put("a", "" + i);
		}
		assertThat(revisions(watching.run())).startsWith(99L, 100L, 101L);
	}

	@Test
	void manyRangesOnDistinctPrefixesMatchOnlyTheirOwn() {
		for (int i = 0; i < 2_000; i++) {
			this.client.send(watch("p%04d/".formatted(i), "p%04d0".formatted(i)));
		}
		this.client.run();
		this.fixture.put("p1234/x", "1");
		assertThat(WatchCreateTests.ids(this.client.run())).containsExactly(1234L);
		this.client.create(watchAll());
		this.fixture.put("p1999/x", "1");
		assertThat(WatchCreateTests.ids(this.client.run())).containsExactlyInAnyOrder(1999L, 2000L);
	}

	private void replayable() {
		replayable(this.fixture);
	}

	/** Four changes of the key a: revisions 2 to 5. */
	private static void replayable(WatchFixture fixture) {
		fixture.put("a", "1");
		fixture.put("a", "2");
		fixture.delete("a");
		fixture.put("a", "3");
	}

	private static WatchResponse response(long revision, Event event) {
		return WatchResponse.newBuilder()
			.setHeader(WatchFixture.HEADER.toBuilder().setRevision(revision))
			.addEvents(event)
			.build();
	}

	private static KeyValue kv(String key, long create, long mod, long version, String value) {
		return KeyValue.newBuilder()
			.setKey(string(key))
			.setCreateRevision(create)
			.setModRevision(mod)
			.setVersion(version)
			.setValue(string(value))
			.build();
	}

	private static Event deleted(String key, long revision) {
		return Event.newBuilder()
			.setType(Event.EventType.DELETE)
			.setKv(KeyValue.newBuilder().setKey(string(key)).setModRevision(revision))
			.build();
	}

	static List<Event> events(List<WatchResponse> responses) {
		return responses.stream().flatMap((response) -> response.getEventsList().stream()).toList();
	}

	static List<Long> revisions(List<WatchResponse> responses) {
		return events(responses).stream().map((event) -> event.getKv().getModRevision()).toList();
	}

	private static List<String> keys(List<WatchResponse> responses) {
		return events(responses).stream().map((event) -> event.getKv().getKey().toStringUtf8()).toList();
	}

}
