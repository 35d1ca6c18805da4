package dev.kvserver.benchmarks.load.workload;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

/**
 * One kind of operation: makes the requests and checks the replies. An operation is one
 * call, or several in a row. Called by the thread of the loop only.
 */
interface Operation {

	/**
	 * Begins an operation: writes the request of its first call to the slot.
	 * @return the method to call, or {@code null} if there is nothing left to do
	 */
	@Nullable Rpc next(Slot slot);

	/**
	 * Takes a reply that was read into the slot.
	 * @return {@code null} if the operation is done; else the method to call next, its
	 * request written to the slot
	 */
	@Nullable Rpc replied(Slot slot);

	/** Takes a key-value of a reply, before {@link #replied} is called. */
	default void keyValue(Slot slot, KeyValueView keyValue) {
	}

	/** The operation ended in an error. */
	default void failed(Slot slot) {
	}

	/** Whether a call whose end is not known may have changed the revision. */
	default boolean writes() {
		return false;
	}

}
