package dev.kvserver.benchmarks.load.workload;

import java.util.Arrays;

import dev.kvserver.benchmarks.load.wire.KeyValueSink;
import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Reply;
import dev.kvserver.benchmarks.load.wire.Requests;

/**
 * Reads a set of keys page by page: the next page begins right behind the last key.
 */
final class KeyScan implements KeyValueSink {

	private static final int PAGE = 1_000;

	private final Keyspace keys;

	private final KeyValueSink sink;

	private byte[] from;

	private boolean more = true;

	KeyScan(Keyspace keys, KeyValueSink sink) {
		this.keys = keys;
		this.sink = sink;
		this.from = keys.first();
	}

	boolean hasNext() {
		return this.more;
	}

	void request(MessageWriter out, boolean keysOnly) {
		Requests.range(out, this.from, this.keys.end(), PAGE, keysOnly, false);
	}

	void take(Reply reply) {
		this.more = reply.more();
	}

	@Override
	public void keyValue(KeyValueView keyValue) {
		int start = keyValue.keyOffset();
		this.from = Arrays.copyOfRange(keyValue.array(), start, start + keyValue.keyLength() + 1);
		this.from[this.from.length - 1] = 0;
		this.sink.keyValue(keyValue);
	}

}
