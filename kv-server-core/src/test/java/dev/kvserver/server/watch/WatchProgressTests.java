package dev.kvserver.server.watch;

import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.watch.WatchFixture.Client;
import org.junit.jupiter.api.Test;

import static dev.kvserver.server.watch.WatchFixture.watch;
import static org.assertj.core.api.Assertions.assertThat;

/** Progress, requested and periodic (etcd-contract section 2.9). */
class WatchProgressTests {

	private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

	private final WatchFixture fixture = new WatchFixture(WatchOptions.defaults().withProgressInterval(10 * SECOND));

	private final Client client = this.fixture.client();

	@Test
	void requestIsAnsweredForTheWholeStreamWhenAllIsSynced() {
		this.client.create(watch("a"));
		this.client.create(watch("b"));
		this.fixture.put("x", "1");
		assertThat(this.client.progress()).containsExactly(progress(-1, 2));
	}

	@Test
	void requestWithoutWatchersIsNotAnswered() {
		assertThat(this.client.progress()).isEmpty();
	}

	@Test
	void requestIsDroppedWhileAWatcherIsInTheFuture() {
		this.client.create(watch("a"));
		this.client.create(watch("b").setStartRevision(3));
		assertThat(this.client.progress()).isEmpty();
		this.fixture.put("x", "1");
		this.fixture.put("x", "2");
		assertThat(this.client.run()).isEmpty();
		assertThat(this.client.progress()).containsExactly(progress(-1, 3));
	}

	@Test
	void requestIsAnsweredBehindAllEventsThatWerePublishedBefore() {
		this.client.create(watch("a"));
		for (int i = 0; i < 1_000; i++) {
			this.fixture.put("a", "" + i);
		}
		List<WatchResponse> responses = this.client.progress();
		assertThat(responses).hasSize(1_001);
		assertThat(responses.get(1_000)).isEqualTo(progress(-1, 1_001));
	}

	@Test
	void idleWatcherIsToldEveryIntervalWithSomeJitter() {
		this.client.create(watch("a").setProgressNotify(true).setWatchId(3));
		this.client.create(watch("a").setWatchId(4));
		this.fixture.put("x", "1");
		this.client.run();
		assertThat(this.fixture.loop.idleNanos()).isBetween(10 * SECOND, 11 * SECOND);
		this.fixture.clock.advance(10 * SECOND - 1);
		assertThat(this.client.run()).isEmpty();
		this.fixture.clock.advance(SECOND);
		assertThat(this.client.run()).containsExactly(progress(3, 2));
		assertThat(this.client.run()).isEmpty();
		this.fixture.clock.advance(11 * SECOND);
		assertThat(this.client.run()).containsExactly(progress(3, 2));
	}

	@Test
	void watcherThatHadAnEventIsNotTold() {
		this.client.create(watch("a").setProgressNotify(true));
		this.fixture.put("a", "1");
		this.client.run();
		this.fixture.clock.advance(11 * SECOND);
		assertThat(this.client.run()).isEmpty();
		this.fixture.clock.advance(11 * SECOND);
		assertThat(this.client.run()).containsExactly(progress(0, 2));
	}

	@Test
	void watcherInTheFutureIsNotTold() {
		this.client.create(watch("a").setProgressNotify(true).setStartRevision(3));
		this.fixture.clock.advance(11 * SECOND);
		assertThat(this.client.run()).isEmpty();
		this.fixture.put("x", "1");
		this.fixture.put("x", "1");
		this.client.run();
		this.fixture.clock.advance(11 * SECOND);
		assertThat(this.client.run()).containsExactly(progress(0, 3));
	}

	@Test
	void watcherThatIsBehindIsNotTold() {
		this.client.create(watch("a").setProgressNotify(true));
		this.client.block();
		this.fixture.put("a", "1");
		this.client.run();
		this.fixture.clock.advance(11 * SECOND);
		assertThat(this.client.run()).isEmpty();
		this.client.unblock();
		assertThat(WatchDeliveryTests.revisions(this.client.run())).containsExactly(2L);
	}

	@Test
	void intervalHasAMinimumOfATenthOfASecond() {
		assertThat(WatchOptions.defaults().withProgressInterval(1).progressIntervalNanos())
			.isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
	}

	@Test
	void streamsWithTheSameDeadlineAreAllTold() {
		for (int i = 0; i < 100; i++) {
			this.fixture.client().create(watch("a").setProgressNotify(true));
		}
		this.client.create(watch("a").setProgressNotify(true));
		this.fixture.clock.advance(11 * SECOND);
		assertThat(this.client.run()).containsExactly(progress(0, 1));
		assertThat(this.fixture.loop.stats().responsesSent()).isEqualTo(202);
	}

	private static WatchResponse progress(long id, long revision) {
		return WatchResponse.newBuilder()
			.setHeader(WatchFixture.HEADER.toBuilder().setRevision(revision))
			.setWatchId(id)
			.build();
	}

}
