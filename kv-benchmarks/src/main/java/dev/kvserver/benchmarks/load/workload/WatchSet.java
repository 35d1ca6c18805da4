package dev.kvserver.benchmarks.load.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

import dev.kvserver.benchmarks.load.http2.Connection;

/**
 * Watchers, spread over streams, which are spread over connections of their own.
 */
final class WatchSet {

	private static final int TIMEOUT_SECONDS = 60;

	private final Bench bench;

	private final WatcherListener listener;

	private final List<Watcher> watchers = new ArrayList<>();

	private final List<WatchStream> streams = new ArrayList<>();

	private final CompletableFuture<Void> allCreated = new CompletableFuture<>();

	private int created;

	WatchSet(Bench bench, WatcherListener listener) {
		this.bench = bench;
		this.listener = listener;
	}

	/**
	 * Opens the watchers, and waits until they are there.
	 * @param count how many
	 * @param streamCount how many streams they share
	 * @param targets the keys that each of them watches
	 * @param fromRevision the first revision of interest
	 */
	void open(int count, int streamCount, IntFunction<Keyspace> targets, long fromRevision) {
		int perStream = (count + streamCount - 1) / streamCount;
		for (int i = 0; i < count; i++) {
			if (i % perStream == 0) {
				this.streams.add(new WatchStream(this));
			}
			Watcher watcher = new Watcher(i, fromRevision - 1);
			this.watchers.add(watcher);
			this.streams.get(this.streams.size() - 1).add(watcher, targets.apply(i));
		}
		int connectionCount = Math.min(this.bench.options().connections(), this.streams.size());
		List<Connection> connections = this.bench.connections(connectionCount);
		this.bench.loop().call(() -> {
			for (int i = 0; i < this.streams.size(); i++) {
				this.streams.get(i).start(connections.get(i % connectionCount));
			}
			return true;
		});
		awaitCreated();
	}

	private void awaitCreated() {
		try {
			this.allCreated.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
		}
		catch (ExecutionException | TimeoutException | InterruptedException ex) {
			throw new SetupException("Not all of " + this.watchers.size() + " watchers were created: " + ex);
		}
	}

	List<Watcher> watchers() {
		return this.watchers;
	}

	/** What every watcher has seen. */
	long lowestRevision() {
		long lowest = Long.MAX_VALUE;
		for (Watcher watcher : this.watchers) {
			lowest = Math.min(lowest, watcher.lastRevision());
		}
		return lowest;
	}

	Tally tally() {
		return this.bench.tally();
	}

	WatcherListener listener() {
		return this.listener;
	}

	void created() {
		if (++this.created == this.watchers.size()) {
			this.allCreated.complete(null);
		}
	}

	void failed(String why) {
		this.allCreated.completeExceptionally(new SetupException(why));
	}

}
