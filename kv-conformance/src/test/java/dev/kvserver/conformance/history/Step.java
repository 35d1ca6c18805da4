package dev.kvserver.conformance.history;

import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;

/**
 * One step of a history. Watch streams are named by their slot.
 */
public sealed interface Step {

	/**
	 * A call that is over before the next step.
	 *
	 * @param call what is asked
	 */
	record Ask(Call call) implements Step {

	}

	/**
	 * Opens the stream of a slot.
	 *
	 * @param slot the slot, which has no stream
	 */
	record Open(int slot) implements Step {

	}

	/**
	 * Creates a watcher and waits for the answer.
	 *
	 * @param slot the slot
	 * @param request the watcher
	 */
	record Create(int slot, WatchCreateRequest request) implements Step {

	}

	/**
	 * Cancels a watcher; of an unknown one nothing is heard.
	 *
	 * @param slot the slot
	 * @param watchId the watcher
	 */
	record Cancel(int slot, long watchId) implements Step {

	}

	/**
	 * Asks for progress.
	 *
	 * @param slot the slot
	 */
	record Progress(int slot) implements Step {

	}

	/**
	 * Ends the client's side of a stream, which does not end the stream.
	 *
	 * @param slot the slot
	 */
	record HalfClose(int slot) implements Step {

	}

	/**
	 * Cancels the stream of a slot.
	 *
	 * @param slot the slot
	 */
	record Close(int slot) implements Step {

	}

}
