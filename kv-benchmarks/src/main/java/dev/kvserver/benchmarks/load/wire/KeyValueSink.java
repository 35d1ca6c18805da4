package dev.kvserver.benchmarks.load.wire;

/**
 * Takes the key-values of a reply, one after the other.
 */
public interface KeyValueSink {

	/** Takes none of them. */
	KeyValueSink NONE = (keyValue) -> {
	};

	/**
	 * Takes one key-value.
	 * @param keyValue the key-value, valid during the call only
	 */
	void keyValue(KeyValueView keyValue);

}
