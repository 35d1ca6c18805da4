package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.server.mvcc.WriteTxn;
import dev.kvserver.server.watch.WatchFixture.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.kvserver.server.watch.WatchFixture.watch;
import static dev.kvserver.server.watch.WatchFixture.watchAll;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What once went wrong in etcd's watches (etcd-contract section 7, by etcd's issue
 * number), each made likely here: small bounds, and turns of the loop where it hurts.
 */
class WatchRegressionTests {

	private static final long SECOND = 1_000_000_000L;

	private final WatchFixture fixture = new WatchFixture(WatchFixture.smallBounds());

	private final Client client = this.fixture.client();

	/** 15220: a progress notification overtook events that were still to be sent. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void progressIsNeverAheadOfEvents(boolean requested) {
		this.client.create(watch("a").setProgressNotify(true));
		long delivered = 1;
		for (int round = 0; round < 200; round++) {
			this.fixture.put("a", "x".repeat(200));
			this.fixture.put("b", "y");
			this.client.unblock((round % 3 == 0) ? 100 : 1_500);
			this.fixture.clock.advance(2 * SECOND);
			for (WatchResponse response : requested ? this.client.progress() : this.client.run()) {
				if (response.getEventsCount() == 0) {
					long last = delivered;
					long missing = LongStream.rangeClosed(last + 1, response.getHeader().getRevision())
						.filter((revision) -> revision % 2 == 0)
						.count();
					assertThat(missing).as("events up to %s", response.getHeader().getRevision()).isZero();
				}
				for (Event event : response.getEventsList()) {
					assertThat(event.getKv().getModRevision()).isGreaterThan(delivered);
					delivered = event.getKv().getModRevision();
				}
			}
		}
		this.client.unblock();
		this.client.run();
		assertThat(this.fixture.loop.stats().eventsSent()).isEqualTo(200);
	}

	/**
	 * 17247: an event came twice, because a watcher that had been sent a response late
	 * was read up from a revision it had already been given.
	 */
	@Test
	void slowWatcherGetsNoEventTwice() {
		this.client.create(watch("a", "c"));
		List<Long> seen = new ArrayList<>();
		for (int round = 0; round < 300; round++) {
			WriteTxn txn = this.fixture.store.begin();
			txn.put(WatchFixture.bytes("a"), WatchFixture.bytes("x".repeat(round % 400)), 0);
			txn.put(WatchFixture.bytes("b"), WatchFixture.bytes("y"), 0);
			this.fixture.commit(txn);
			this.client.unblock(round % 500);
			this.fixture.loop.doWork();
			seen.addAll(WatchDeliveryTests.revisions(this.client.sink.take()));
		}
		this.client.unblock();
		seen.addAll(WatchDeliveryTests.revisions(this.client.run()));
		assertThat(seen).hasSize(600);
		assertThat(seen.stream().distinct().toList()).hasSize(300).isSorted();
	}

	/**
	 * 17529: events were lost while other streams kept the server busy, because a watcher
	 * was thought to have been sent what had only been prepared.
	 */
	@Test
	void starvedStreamLosesNothing() {
		List<Client> busy = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			Client other = this.fixture.client();
			other.create(watchAll().setStartRevision(1));
			busy.add(other);
		}
		for (int i = 0; i < 40; i++) {
			this.client.send(watch("a").setStartRevision(1 + i % 2));
		}
		this.client.run();
		this.client.block();
		for (int i = 0; i < 500; i++) {
			this.fixture.put((i % 5 == 0) ? "a" : "b", "v".repeat(100));
			busy.get(i % 20).unblock(i % 700);
			this.fixture.loop.doWork();
			if (i % 50 == 0) {
				this.client.unblock(1);
			}
		}
		busy.forEach(Client::unblock);
		this.client.unblock();
		this.client.run();
		for (Client other : busy) {
			assertThat(WatchDeliveryTests.events(other.sink.all())).hasSize(500);
		}
		assertThat(WatchDeliveryTests.events(this.client.sink.all())).hasSize(40 * 100);
	}

	/** 18089: compacting at the revision of a delete made the delete event disappear. */
	@Test
	void deleteThatIsCompactedOnIsStillDelivered() {
		this.fixture.put("a", "1");
		long deleted = this.fixture.delete("a");
		this.fixture.put("b", "1");
		fillHistory();
		this.fixture.compact(deleted);
		this.fixture.removeCompacted();
		List<WatchResponse> responses = this.client.create(watch("a").setStartRevision(deleted));
		assertThat(WatchDeliveryTests.events(responses)).singleElement().satisfies((event) -> {
			assertThat(event.getType()).isEqualTo(Event.EventType.DELETE);
			assertThat(event.getKv().getModRevision()).isEqualTo(deleted);
		});
	}

	/**
	 * 19179: a watch opened at the compaction revision missed a delete of that revision,
	 * here one of a transaction, with the removal stopped half-way.
	 */
	@Test
	void watchOpenedAtTheCompactionRevisionGetsAllOfIt() {
		for (int i = 0; i < 100; i++) {
			this.fixture.put("k%02d".formatted(i), "1");
		}
		WriteTxn txn = this.fixture.store.begin();
		for (int i = 0; i < 100; i += 3) {
			WatchFixture.delete(txn, "k%02d".formatted(i));
		}
		long deleted = this.fixture.commit(txn);
		fillHistory();
		this.fixture.compact(deleted);
		this.fixture.store.compactSome();
		this.fixture.publish();
		List<Event> halfWay = WatchDeliveryTests
			.events(this.client.create(watch("k", "l").setStartRevision(deleted).setPrevKv(true)));
		this.fixture.removeCompacted();
		List<Event> after = WatchDeliveryTests
			.events(this.client.create(watch("k", "l").setStartRevision(deleted).setPrevKv(true)));
		assertThat(after).hasSize(34).isEqualTo(halfWay);
		assertThat(after).noneMatch(Event::hasPrevKv);
	}

	/**
	 * 20221: a watch from a future revision got earlier events, or notifications below
	 * its start.
	 */
	@Test
	void watchFromTheFutureGetsNothingFromBefore() {
		this.client.create(watch("a").setStartRevision(20).setProgressNotify(true).setWatchId(1));
		this.client.create(watch("a").setWatchId(2));
		for (int revision = 2; revision < 20; revision++) {
			this.fixture.put("a", "1");
			this.client.unblock((revision % 2 == 0) ? 0 : Long.MAX_VALUE);
			this.fixture.clock.advance(2 * SECOND);
			assertThat(this.client.progress()).noneMatch((response) -> response.getWatchId() != 2);
		}
		this.client.unblock();
		this.fixture.put("a", "1");
		assertThat(this.client.progress()).filteredOn((response) -> response.getWatchId() == 1)
			.singleElement()
			.extracting((response) -> response.getHeader().getRevision())
			.isEqualTo(20L);
	}

	/** Enough revisions that older ones are read from the store. */
	private void fillHistory() {
		for (int i = 0; i < 20; i++) {
			this.fixture.put("filler", "" + i);
			this.fixture.run();
		}
	}

}
