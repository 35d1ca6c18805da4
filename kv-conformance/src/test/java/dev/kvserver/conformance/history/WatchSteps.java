package dev.kvserver.conformance.history;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import org.jspecify.annotations.Nullable;

/**
 * Steps on a few watch streams. Half of them are ping streams.
 */
final class WatchSteps {

	/** Few enough that a stream's buffer in etcd never overflows between two checks. */
	private static final int WATCHERS_MAX = 5;

	private static final int SLOTS = 4;

	private static final List<Integer> FILTERS = List.of(0, 1, 1, 0, 7);

	private final Dice dice;

	private final HistoryState state;

	private final List<@Nullable OpenWatches> streams = new ArrayList<>();

	WatchSteps(Dice dice, HistoryState state) {
		this.dice = dice;
		this.state = state;
		for (int slot = 0; slot < SLOTS; slot++) {
			this.streams.add(null);
		}
	}

	OpenWatches stream(int slot) {
		OpenWatches stream = this.streams.get(slot);
		if (stream == null) {
			throw new IllegalStateException("No stream in slot " + slot);
		}
		return stream;
	}

	Step any() {
		int slot = this.dice.below(SLOTS);
		OpenWatches stream = this.streams.get(slot);
		if (stream == null) {
			this.streams.set(slot, new OpenWatches(slot % 2 == 0));
			return new Step.Open(slot);
		}
		if (stream.isPinged() && stream.isEmpty()) {
			return new Step.Create(slot, WatchCreateRequest.newBuilder().setKey(OpenWatches.PING_KEY).build());
		}
		return stream.isHalfClosed() ? close(slot) : any(slot, stream);
	}

	private Step any(int slot, OpenWatches stream) {
		int kind = this.dice.below(100);
		if (kind < 4) {
			return close(slot);
		}
		if (kind < 7 && stream.isPinged()) {
			return new Step.HalfClose(slot);
		}
		if (kind < 12) {
			return new Step.Cancel(slot, this.dice.between(50, 60));
		}
		if (kind < 25) {
			return new Step.Progress(slot);
		}
		List<Long> ids = stream.ids();
		boolean full = ids.size() >= WATCHERS_MAX;
		if (full || (kind < 50 && ids.size() > 1)) {
			// The first watcher of a ping stream has to stay.
			return new Step.Cancel(slot, ids.get(1 + this.dice.below(ids.size() - 1)));
		}
		return new Step.Create(slot, create(stream.isPinged()));
	}

	private Step close(int slot) {
		this.streams.set(slot, null);
		return new Step.Close(slot);
	}

	private WatchCreateRequest create(boolean live) {
		ByteString key = Keys.keyOrEmpty(this.dice);
		WatchCreateRequest.Builder create = WatchCreateRequest.newBuilder()
			.setKey(key)
			.setRangeEnd(Keys.end(this.dice, key, 85))
			.setStartRevision(live ? startOfLive() : start())
			.setPrevKv(this.dice.chance(40))
			.setFragment(this.dice.chance(20))
			.setProgressNotify(this.dice.chance(10));
		if (this.dice.chance(20)) {
			// From 100, where no automatic id gets; sometimes one that is taken.
			create.setWatchId(this.dice.chance(15) ? this.dice.between(1, 3) : this.dice.between(100, 104));
		}
		while (this.dice.chance(20)) {
			create.addFiltersValue(this.dice.pick(FILTERS));
		}
		return create.build();
	}

	private long startOfLive() {
		int kind = this.dice.below(100);
		if (kind < 50) {
			return 0;
		}
		return (kind < 97) ? this.state.revision() + this.dice.between(1, 15) : -1;
	}

	private long start() {
		int kind = this.dice.below(100);
		if (kind < 20) {
			return 0;
		}
		if (kind < 75) {
			return this.dice.between(Math.max(1, this.state.compactRevision()), this.state.revision());
		}
		if (kind < 85) {
			return Math.max(0, this.state.compactRevision());
		}
		return (kind < 97) ? this.dice.between(1, this.state.compactRevision()) : -this.dice.between(1, 5);
	}

}
