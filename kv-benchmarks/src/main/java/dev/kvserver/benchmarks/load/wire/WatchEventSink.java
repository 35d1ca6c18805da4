package dev.kvserver.benchmarks.load.wire;

/**
 * Takes the events of a watch message, one after the other.
 */
public interface WatchEventSink {

	/**
	 * Takes one event.
	 * @param deleted whether the key was deleted, and not put
	 * @param keyValue the key-value, valid during the call only
	 */
	void event(boolean deleted, KeyValueView keyValue);

}
