package dev.kvserver.conformance.history;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;

/**
 * The watchers of one stream, as the reference has created them.
 */
public final class OpenWatches {

	/**
	 * What a ping stream's first watcher watches; written to find out who is up to date.
	 */
	public static final ByteString PING_KEY = ByteString.copyFromUtf8("ping");

	private final boolean pinged;

	private final Map<Long, Long> startRevisions = new TreeMap<>();

	private boolean halfClosed;

	OpenWatches(boolean pinged) {
		this.pinged = pinged;
	}

	/**
	 * Whether all watchers of this stream are live from their creation, the first one on
	 * {@link #PING_KEY}: then an event of that one tells that all earlier events were
	 * sent. The watchers of other streams may start in the past, but none in the future,
	 * so that they can be asked for progress.
	 * @return whether this is a ping stream
	 */
	public boolean isPinged() {
		return this.pinged;
	}

	/**
	 * Whether a progress request is answered when all watchers have caught up.
	 * @param revision the current revision
	 * @return whether there are watchers and none starts in the future
	 */
	public boolean answersProgressAt(long revision) {
		return !this.startRevisions.isEmpty()
				&& this.startRevisions.values().stream().allMatch((start) -> start <= revision);
	}

	/**
	 * Whether there are no watchers.
	 * @return whether there are none
	 */
	public boolean isEmpty() {
		return this.startRevisions.isEmpty();
	}

	/**
	 * Whether a watcher is open.
	 * @param watchId its id
	 * @return whether it is
	 */
	public boolean has(long watchId) {
		return this.startRevisions.containsKey(watchId);
	}

	/**
	 * A watcher was created.
	 * @param watchId its id
	 * @param request what was asked
	 */
	public void created(long watchId, WatchCreateRequest request) {
		this.startRevisions.put(watchId, request.getStartRevision());
	}

	/**
	 * A watcher has ended.
	 * @param watchId its id
	 */
	public void canceled(long watchId) {
		this.startRevisions.remove(watchId);
	}

	/** The client has closed its side. */
	public void halfClosed() {
		this.halfClosed = true;
	}

	boolean isHalfClosed() {
		return this.halfClosed;
	}

	List<Long> ids() {
		return List.copyOf(this.startRevisions.keySet());
	}

}
