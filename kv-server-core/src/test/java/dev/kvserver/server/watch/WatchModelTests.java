package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest.FilterType;
import dev.kvserver.proto.etcdserverpb.WatchProgressRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random histories with many watchers, on one thread: writes, transactions, compactions
 * at any moment, streams that take a little, watchers that start in the past and in the
 * future. Checked is what etcd promises of a watch: filtered, ordered, unique, atomic,
 * resumable, reliable, bookmarkable, with the right previous values and creations.
 */
class WatchModelTests {

	private static final int SEEDS = 300;

	private static final int STEPS = 400;

	private int progress;

	private int overtaken;

	private long events;

	private long gaps;

	@Test
	void whateverHappensEachWatcherGetsWhatItMust() {
		for (long seed = 1; seed <= SEEDS; seed++) {
			try {
				new Run(seed).run();
			}
			catch (AssertionError | RuntimeException ex) {
				throw new AssertionError("seed: " + seed, ex);
			}
		}
		// A history in which nothing happens proves nothing.
		assertThat(this.progress).isGreaterThan(SEEDS);
		assertThat(this.overtaken).isGreaterThan(SEEDS);
		assertThat(this.events).isGreaterThan(SEEDS * 500L);
		assertThat(this.gaps).isGreaterThan(SEEDS);
	}

	/** One history. */
	private final class Run {

		private final SplittableRandom random;

		private final WatchFixture fixture;

		private final ModelHistory history;

		private final List<ModelClient> clients = new ArrayList<>();

		Run(long seed) {
			this.random = new SplittableRandom(seed);
			this.fixture = new WatchFixture(
					this.random.nextInt(4) == 0 ? WatchOptions.defaults() : WatchFixture.smallBounds());
			this.history = new ModelHistory(this.fixture, this.random);
		}

		void run() {
			for (int step = 0; step < STEPS; step++) {
				step();
				this.clients.forEach(ModelClient::check);
			}
			for (ModelClient client : this.clients) {
				client.client.unblock();
			}
			this.fixture.run();
			for (ModelClient client : this.clients) {
				client.check();
				client.checkComplete();
				WatchModelTests.this.progress += client.progressCount();
				WatchModelTests.this.overtaken += client.overtakenCount();
				client.client.stream.close();
			}
			WatchModelTests.this.events += this.fixture.loop.stats().eventsSent();
			WatchModelTests.this.gaps += this.fixture.loop.stats().gapRevisions();
			this.fixture.run();
			assertThat(this.fixture.loop.isEmpty()).isTrue();
		}

		private void step() {
			switch (this.random.nextInt(20)) {
				case 0, 1, 2, 3, 4, 5 -> this.history.write();
				case 6 -> {
					if (this.random.nextInt(4) == 0) {
						this.history.compact();
					}
				}
				case 7, 8 -> this.history.removeSome();
				case 9, 10 -> create();
				case 11 -> anyClient().cancel(this.random.nextInt(100));
				case 12 -> anyClient().client.stream.request(WatchRequest.newBuilder()
					.setProgressRequest(WatchProgressRequest.getDefaultInstance())
					.build());
				case 13 -> changeWindow(anyClient());
				case 14 -> this.fixture.clock.advance(this.random.nextLong(1_200_000_000L));
				case 15 -> closeOne();
				default -> turns();
			}
		}

		private void turns() {
			for (int i = this.random.nextInt(4); i >= 0; i--) {
				this.fixture.loop.doWork();
			}
		}

		private ModelClient anyClient() {
			if (this.clients.isEmpty() || (this.clients.size() < 5 && this.random.nextInt(10) == 0)) {
				this.clients.add(new ModelClient(this.fixture, this.history));
			}
			return this.clients.get(this.random.nextInt(this.clients.size()));
		}

		private void changeWindow(ModelClient client) {
			switch (this.random.nextInt(3)) {
				case 0 -> client.client.block();
				case 1 -> client.client.unblock(this.random.nextLong(4_000));
				default -> client.client.unblock();
			}
		}

		private void closeOne() {
			if (this.clients.size() > 1 && this.random.nextInt(6) == 0) {
				ModelClient client = this.clients.remove(this.random.nextInt(this.clients.size()));
				client.client.stream.close();
			}
		}

		private void create() {
			int from = this.random.nextInt(ModelHistory.KEYS);
			WatchCreateRequest.Builder request = switch (this.random.nextInt(4)) {
				case 0 -> WatchFixture.watch(ModelHistory.key(from));
				case 1 -> WatchFixture.watch(ModelHistory.key(from), "\0");
				case 2 -> WatchFixture.watchAll();
				default ->
					WatchFixture.watch(ModelHistory.key(from), ModelHistory.key(from + 1 + this.random.nextInt(4)));
			};
			if (this.random.nextInt(3) > 0) {
				long offset = this.random.nextLong(-100, 101);
				request.setStartRevision(Math.max(-1, this.history.revision() + offset));
			}
			request.setPrevKv(this.random.nextBoolean());
			request.setFragment(this.random.nextBoolean());
			request.setProgressNotify(this.random.nextBoolean());
			if (this.random.nextInt(5) == 0) {
				request.addFilters(this.random.nextBoolean() ? FilterType.NOPUT : FilterType.NODELETE);
			}
			if (this.random.nextInt(5) == 0) {
				request.setWatchId(1 + this.random.nextInt(20));
			}
			anyClient().create(request);
		}

	}

}
