package dev.kvserver.server.watch;

import java.io.IOException;

import com.google.protobuf.CodedOutputStream;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.mvcc.StoreEvent;
import dev.kvserver.server.mvcc.StoreView;
import org.jspecify.annotations.Nullable;

/**
 * One change, fresh from the store or read back from its history, with its encoded form:
 * made when the first watcher wants it, then only copied. Loop thread.
 */
abstract class WatchEvent {

	private static final int OVERHEAD_BYTES = 150;

	private final long revision;

	private final byte[] key;

	private final boolean delete;

	private byte @Nullable [] encoded;

	private byte @Nullable [] encodedWithPrevious;

	private WatchEvent(long revision, byte[] key, boolean delete) {
		this.revision = revision;
		this.key = key;
		this.delete = delete;
	}

	static WatchEvent fresh(long revision, StoreEvent event) {
		return new Fresh(revision, event);
	}

	/** A change as it is kept on disk: of a delete only the key is set. */
	static WatchEvent stored(long revision, boolean delete, KeyValue kv) {
		return new Stored(revision, delete, kv);
	}

	long revision() {
		return this.revision;
	}

	byte[] key() {
		return this.key;
	}

	boolean isDelete() {
		return this.delete;
	}

	/** What the event takes in memory, encoded form included, roughly. */
	int sizeBytes() {
		return 2 * contentBytes() + OVERHEAD_BYTES;
	}

	/**
	 * The event as field {@code events} of a response, tag and length included. With the
	 * previous key value if asked for, there is one, and it is not compacted in
	 * {@code view}, which is the newest one.
	 */
	byte[] encoded(boolean withPrevious, StoreView view) {
		if (withPrevious && this.revision > view.compactRevision()) {
			byte[] made = this.encodedWithPrevious;
			if (made == null) {
				made = encode(messageWithPrevious(view));
				this.encodedWithPrevious = made;
			}
			return made;
		}
		byte[] made = this.encoded;
		if (made == null) {
			made = encode(message());
			this.encoded = made;
		}
		return made;
	}

	/** Whether the key did not exist before. */
	abstract boolean isCreate();

	abstract int contentBytes();

	abstract Event message();

	abstract Event messageWithPrevious(StoreView view);

	private static byte[] encode(Event event) {
		byte[] bytes = new byte[CodedOutputStream.computeMessageSize(WatchResponse.EVENTS_FIELD_NUMBER, event)];
		try {
			CodedOutputStream.newInstance(bytes).writeMessage(WatchResponse.EVENTS_FIELD_NUMBER, event);
		}
		catch (IOException ex) {
			throw new IllegalStateException("size: " + bytes.length, ex);
		}
		return bytes;
	}

	/** What the apply thread has just handed over. */
	private static final class Fresh extends WatchEvent {

		private final StoreEvent event;

		Fresh(long revision, StoreEvent event) {
			super(revision, event.key(), event.isDelete());
			this.event = event;
		}

		@Override
		boolean isCreate() {
			return this.event.isCreate();
		}

		@Override
		int contentBytes() {
			return this.event.sizeBytes();
		}

		@Override
		Event message() {
			return this.event.message();
		}

		@Override
		Event messageWithPrevious(StoreView view) {
			return this.event.messageWithPrevious();
		}

	}

	/** What was read from the store. */
	private static final class Stored extends WatchEvent {

		private final KeyValue kv;

		Stored(long revision, boolean delete, KeyValue kv) {
			super(revision, Bytes.of(kv.getKey()), delete);
			this.kv = kv;
		}

		@Override
		boolean isCreate() {
			return !isDelete() && this.kv.getCreateRevision() == revision();
		}

		@Override
		int contentBytes() {
			return this.kv.getSerializedSize();
		}

		@Override
		Event message() {
			if (isDelete()) {
				KeyValue deleted = this.kv.toBuilder().setModRevision(revision()).build();
				return Event.newBuilder().setType(Event.EventType.DELETE).setKv(deleted).build();
			}
			return Event.newBuilder().setKv(this.kv).build();
		}

		@Override
		Event messageWithPrevious(StoreView view) {
			Event event = message();
			KeyValue previous = isCreate() ? null : view.getAt(key(), revision() - 1);
			return (previous != null) ? event.toBuilder().setPrevKv(previous).build() : event;
		}

	}

}
