package dev.kvserver.server.watch;

import java.util.SplittableRandom;
import java.util.TreeSet;

import dev.kvserver.proto.etcdserverpb.WatchResponse;

/**
 * Tells idle watchers that asked for it, every interval, that there is nothing they have
 * missed. Each stream has a jitter of its own, up to a tenth of the interval, so that
 * clients that came together are not all told together. Loop thread.
 */
final class ProgressTicks {

	/** By deadline; the number tells streams with the same one apart. */
	private final TreeSet<WatchStream> streams = new TreeSet<>(ProgressTicks::compare);

	private final long intervalNanos;

	private final SplittableRandom random;

	ProgressTicks(long intervalNanos, long seed) {
		this.intervalNanos = intervalNanos;
		this.random = new SplittableRandom(seed);
	}

	/** Makes sure that a stream is looked at from now on. */
	void add(WatchStream stream, long now) {
		if (stream.progressInterval() == 0) {
			long interval = this.intervalNanos + this.random.nextLong(this.intervalNanos / 10);
			stream.setProgress(interval, now + interval);
			this.streams.add(stream);
		}
	}

	void remove(WatchStream stream) {
		if (stream.progressInterval() != 0) {
			this.streams.remove(stream);
		}
	}

	/** Looks at the streams that are due; returns how many. */
	int run(long now, long position, Outbox outbox, ResponseWriter writer) {
		int due = 0;
		while (!this.streams.isEmpty() && this.streams.first().progressDeadline() - now <= 0) {
			WatchStream stream = this.streams.first();
			this.streams.remove(stream);
			stream.setProgress(stream.progressInterval(), now + stream.progressInterval());
			this.streams.add(stream);
			tick(stream, position, outbox, writer);
			due++;
		}
		return due;
	}

	private static void tick(WatchStream stream, long position, Outbox outbox, ResponseWriter writer) {
		for (Watcher watcher : stream.watchers()) {
			if (!watcher.wantsProgress()) {
				continue;
			}
			boolean idle = watcher.takeIdle();
			boolean told = idle && watcher.isSynced() && watcher.startRevision() <= position;
			if (told && outbox.isOpen(stream)) {
				writer.control(stream,
						WatchResponse.newBuilder().setHeader(writer.header(position)).setWatchId(watcher.id()).build());
			}
		}
	}

	/** Time until the next stream is due. */
	long idleNanos(long now) {
		return this.streams.isEmpty() ? Long.MAX_VALUE : Math.max(1, this.streams.first().progressDeadline() - now);
	}

	boolean isEmpty() {
		return this.streams.isEmpty();
	}

	/** Readings of the clock may wrap around, so their difference is what counts. */
	private static int compare(WatchStream a, WatchStream b) {
		int order = Long.signum(a.progressDeadline() - b.progressDeadline());
		return (order != 0) ? order : Long.compare(a.number(), b.number());
	}

}
