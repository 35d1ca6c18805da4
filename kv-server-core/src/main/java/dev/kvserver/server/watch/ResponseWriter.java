package dev.kvserver.server.watch;

import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

import com.google.protobuf.CodedOutputStream;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.metrics.WatchMetrics;
import dev.kvserver.server.mvcc.StoreView;

/**
 * Encodes {@code WatchResponse}s, byte for byte as protobuf does, but without making the
 * message: a thousand watchers of one key get a thousand responses that differ in their
 * watch id only, so header and events are encoded once and copied. Loop thread.
 *
 * <pre>
 *   0a .. header   10 .. watch id   38 01 fragment   5a .. event   5a .. event
 * </pre>
 */
final class ResponseWriter {

	private static final int FRAGMENT_BYTES = 2;

	private final Supplier<ResponseHeader> prototype;

	private final int responseBytesMax;

	private final int fragmentBytes;

	private final Outbox outbox;

	private final WatchMetrics metrics;

	/** The header field for {@link #headerRevision}. */
	private byte[] header = {};

	private long headerRevision = -1;

	private ResponseHeader headerPrototype = ResponseHeader.getDefaultInstance();

	private long responses;

	private long events;

	ResponseWriter(Supplier<ResponseHeader> prototype, int responseBytesMax, int fragmentBytes, Outbox outbox,
			WatchMetrics metrics) {
		this.metrics = metrics;
		this.prototype = prototype;
		this.responseBytesMax = responseBytesMax;
		this.fragmentBytes = fragmentBytes;
		this.outbox = outbox;
	}

	/** A header with everything but the revision set. */
	ResponseHeader.Builder header(long revision) {
		return this.prototype.get().toBuilder().setRevision(revision);
	}

	/**
	 * Sends an answer without events. That a compaction has ended a watcher is, as for
	 * etcd, a response with no events; that the client did is not timed at all.
	 */
	void control(WatchStream stream, WatchResponse response) {
		ResponseBatch batch = this.outbox.batch(stream);
		int size = response.getSerializedSize();
		int at = batch.append(size);
		try {
			response.writeTo(CodedOutputStream.newInstance(batch.array(), at, size));
		}
		catch (IOException ex) {
			throw new IllegalStateException("size: " + size, ex);
		}
		boolean endsWatcher = response.getCanceled() && response.getWatchId() != WatchRequests.NO_ID;
		if (endsWatcher && response.getCompactRevision() != 0) {
			batch.noteEvents(0);
		}
		else if (endsWatcher) {
			batch.noteUntimed();
		}
		finish(stream, batch);
	}

	/** Sends one event. */
	void event(Watcher watcher, WatchEvent event, long revision, StoreView view) {
		prepareHeader(revision);
		byte[] encoded = event.encoded(watcher.wantsPrevious(), view);
		ResponseBatch batch = this.outbox.batch(watcher.stream());
		int idBytes = idBytes(watcher.id());
		int at = batch.append(this.header.length + idBytes + encoded.length);
		byte[] target = batch.array();
		System.arraycopy(this.header, 0, target, at, this.header.length);
		at = writeId(target, at + this.header.length, watcher.id());
		System.arraycopy(encoded, 0, target, at, encoded.length);
		this.events++;
		batch.noteEvents(1);
		notePrevious(watcher, event);
		watcher.noteSent();
		finish(watcher.stream(), batch);
	}

	/**
	 * How many of some events go into one response to a watcher that is behind: all if it
	 * takes fragments, else as many whole revisions as the bound allows, but at least
	 * one.
	 * @param events at least one, all for this watcher's range
	 * @param revision the revision for the header
	 */
	int fitting(Watcher watcher, List<WatchEvent> events, long revision, StoreView view) {
		if (watcher.wantsFragments()) {
			return events.size();
		}
		prepareHeader(revision);
		long size = (long) this.header.length + idBytes(watcher.id());
		int whole = 0;
		for (int i = 0; i < events.size(); i++) {
			WatchEvent event = events.get(i);
			if (i > 0 && events.get(i - 1).revision() != event.revision()) {
				whole = i;
			}
			if (watcher.accepts(event)) {
				size += event.encoded(watcher.wantsPrevious(), view).length;
			}
			if (size > this.responseBytesMax && whole > 0) {
				return whole;
			}
		}
		return events.size();
	}

	/**
	 * Sends those of some events that a watcher takes, as one response, in fragments if
	 * the watcher wants them and they are large; nothing if it takes none.
	 * @param from the first revision for this watcher
	 * @param revision the revision for the header
	 */
	void events(Watcher watcher, List<WatchEvent> events, long from, long revision, StoreView view) {
		int count = 0;
		long size = 0;
		for (int i = 0; i < events.size(); i++) {
			WatchEvent event = events.get(i);
			if (event.revision() >= from && watcher.accepts(event)) {
				count++;
				size += event.encoded(watcher.wantsPrevious(), view).length;
			}
		}
		if (count == 0) {
			return;
		}
		prepareHeader(revision);
		boolean split = watcher.wantsFragments() && count > 1
				&& this.header.length + idBytes(watcher.id()) + size >= this.fragmentBytes;
		int next = 0;
		while (next < events.size()) {
			next = part(watcher, events, next, from, split, view);
		}
		watcher.noteSent();
	}

	/**
	 * Writes one response with the events from an index on, all of them or as many as a
	 * fragment takes; returns where the next one begins.
	 */
	private int part(Watcher watcher, List<WatchEvent> events, int begin, long from, boolean split, StoreView view) {
		long size = (long) this.header.length + idBytes(watcher.id()) + (split ? FRAGMENT_BYTES : 0);
		int count = 0;
		int end = begin;
		for (; end < events.size(); end++) {
			WatchEvent event = events.get(end);
			if (event.revision() >= from && watcher.accepts(event)) {
				int length = event.encoded(watcher.wantsPrevious(), view).length;
				if (split && count > 0 && size + length >= this.fragmentBytes) {
					break;
				}
				size += length;
				count++;
			}
		}
		boolean more = end < events.size();
		if (split && !more) {
			size -= FRAGMENT_BYTES;
		}
		write(watcher, events.subList(begin, end), from, more, Math.toIntExact(size), view);
		this.events += count;
		return end;
	}

	/** As etcd, which reads what was there before for each event and watcher. */
	private void notePrevious(Watcher watcher, WatchEvent event) {
		if (watcher.wantsPrevious() && !event.isCreate()) {
			this.metrics.previousReads().increment();
		}
	}

	private void write(Watcher watcher, List<WatchEvent> events, long from, boolean more, int size, StoreView view) {
		ResponseBatch batch = this.outbox.batch(watcher.stream());
		int at = batch.append(size);
		byte[] target = batch.array();
		System.arraycopy(this.header, 0, target, at, this.header.length);
		at = writeId(target, at + this.header.length, watcher.id());
		if (more) {
			target[at++] = WatchResponse.FRAGMENT_FIELD_NUMBER << 3;
			target[at++] = 1;
		}
		int count = 0;
		for (int i = 0; i < events.size(); i++) {
			WatchEvent event = events.get(i);
			if (event.revision() >= from && watcher.accepts(event)) {
				byte[] encoded = event.encoded(watcher.wantsPrevious(), view);
				System.arraycopy(encoded, 0, target, at, encoded.length);
				at += encoded.length;
				count++;
				notePrevious(watcher, event);
			}
		}
		batch.noteEvents(count);
		finish(watcher.stream(), batch);
	}

	private void finish(WatchStream stream, ResponseBatch batch) {
		this.responses++;
		this.outbox.written(stream, batch);
	}

	/** Encodes the header field anew if anything in it has changed. */
	private void prepareHeader(long revision) {
		ResponseHeader prototype = this.prototype.get();
		if (revision == this.headerRevision && prototype.equals(this.headerPrototype)) {
			return;
		}
		ResponseHeader made = prototype.toBuilder().setRevision(revision).build();
		byte[] bytes = new byte[CodedOutputStream.computeMessageSize(WatchResponse.HEADER_FIELD_NUMBER, made)];
		try {
			CodedOutputStream.newInstance(bytes).writeMessage(WatchResponse.HEADER_FIELD_NUMBER, made);
		}
		catch (IOException ex) {
			throw new IllegalStateException("size: " + bytes.length, ex);
		}
		this.header = bytes;
		this.headerRevision = revision;
		this.headerPrototype = prototype;
	}

	/** The size of the watch id field, which is left out when 0. */
	private static int idBytes(long id) {
		return (id != 0) ? CodedOutputStream.computeInt64Size(WatchResponse.WATCH_ID_FIELD_NUMBER, id) : 0;
	}

	private static int writeId(byte[] target, int at, long id) {
		if (id == 0) {
			return at;
		}
		int next = at;
		target[next++] = WatchResponse.WATCH_ID_FIELD_NUMBER << 3;
		long rest = id;
		while ((rest & ~0x7fL) != 0) {
			target[next++] = (byte) (rest | 0x80);
			rest >>>= 7;
		}
		target[next++] = (byte) rest;
		return next;
	}

	/** Responses written so far. */
	long responseCount() {
		return this.responses;
	}

	/** Events written so far, counted for each watcher. */
	long eventCount() {
		return this.events;
	}

}
