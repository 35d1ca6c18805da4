package dev.kvserver.server.rpc;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts messages that were sent behind another one in a {@link MessageBatch}, where
 * gRPC's own tracers do not see them. Whoever counts sent messages and bytes by a tracer
 * adds these.
 */
public final class SentBehind {

	private final LongAdder messages = new LongAdder();

	private final LongAdder bytes = new LongAdder();

	void add(int messageCount, long messageBytes) {
		this.messages.add(messageCount);
		this.bytes.add(messageBytes);
	}

	/**
	 * How many messages there were. Any thread.
	 * @return the number since the start
	 */
	public long messages() {
		return this.messages.sum();
	}

	/**
	 * How large they were, without prefixes, as gRPC counts. Any thread.
	 * @return bytes since the start
	 */
	public long bytes() {
		return this.bytes.sum();
	}

}
