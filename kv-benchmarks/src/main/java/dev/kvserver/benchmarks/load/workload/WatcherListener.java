package dev.kvserver.benchmarks.load.workload;

import dev.kvserver.benchmarks.load.wire.KeyValueView;

/** Takes the events of all watchers of a set. */
interface WatcherListener {

	/** Takes one event, before the watcher is said to have reached it. */
	void event(Watcher watcher, boolean deleted, KeyValueView keyValue);

}
