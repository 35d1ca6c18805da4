package dev.kvserver.server.mvcc;

import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * One change as watchers see it. The messages are made when the first watcher wants them
 * and shared by all others. Immutable but for that; used by one watch thread at a time.
 */
public final class StoreEvent {

	private final Values values;

	private final KeyIndex current;

	private final byte @Nullable [] value;

	private final @Nullable KeyIndex previous;

	private final byte @Nullable [] previousValue;

	private @Nullable Event event;

	private @Nullable Event eventWithPrevious;

	StoreEvent(Values values, KeyIndex current, byte @Nullable [] value, @Nullable KeyIndex previous) {
		this.values = values;
		this.current = current;
		this.value = value;
		this.previous = previous;
		this.previousValue = (previous != null) ? previous.peekValue() : null;
	}

	/** Whether the change led to this state. */
	boolean isOf(KeyIndex state) {
		return this.current == state;
	}

	/** The live state before the transaction, if the key existed. */
	@Nullable KeyIndex previous() {
		return this.previous;
	}

	/**
	 * The key that changed.
	 * @return the key; must not be changed
	 */
	public byte[] key() {
		return this.current.key();
	}

	/**
	 * Whether the key was deleted.
	 * @return {@code true} for a delete, {@code false} for a put
	 */
	public boolean isDelete() {
		return this.value == null;
	}

	/**
	 * What the event keeps in memory, roughly.
	 * @return bytes
	 */
	public int sizeBytes() {
		int size = 200 + this.current.key().length;
		size += (this.value != null) ? this.value.length : 0;
		return size + ((this.previousValue != null) ? this.previousValue.length : 0);
	}

	/**
	 * The event without the previous key value.
	 * @return the message, the same one every time
	 */
	public Event message() {
		Event made = this.event;
		if (made == null) {
			made = newEvent().build();
			this.event = made;
		}
		return made;
	}

	/**
	 * The event with the previous key value, which is left out when the key was created
	 * or when that revision has been compacted. May block on the disk the first time.
	 * @return the message, the same one every time
	 */
	public Event messageWithPrevious() {
		Event made = this.eventWithPrevious;
		if (made == null) {
			KeyValue before = previousKeyValue();
			made = (before != null) ? newEvent().setPrevKv(before).build() : message();
			this.eventWithPrevious = made;
		}
		return made;
	}

	private Event.Builder newEvent() {
		if (this.value != null) {
			return Event.newBuilder().setKv(KeyValues.message(this.current, this.value));
		}
		KeyValue.Builder deleted = KeyValue.newBuilder()
			.setKey(Bytes.wrap(this.current.key()))
			.setModRevision(this.current.modRevision());
		return Event.newBuilder().setType(Event.EventType.DELETE).setKv(deleted);
	}

	/**
	 * Whether the key is new. One that was deleted and put again by one transaction is:
	 * its past does not count.
	 * @return {@code true} if so
	 */
	public boolean isCreate() {
		return this.value != null && this.current.createRevision() == this.current.modRevision();
	}

	private @Nullable KeyValue previousKeyValue() {
		if (this.previous == null || isCreate()) {
			return null;
		}
		if (this.previousValue != null) {
			return KeyValues.message(this.previous, this.previousValue);
		}
		try {
			return this.values.keyValue(this.previous);
		}
		catch (StaleViewException ex) {
			return null;
		}
	}

}
