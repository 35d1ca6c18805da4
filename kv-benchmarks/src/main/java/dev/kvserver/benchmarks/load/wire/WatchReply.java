package dev.kvserver.benchmarks.load.wire;

import java.nio.charset.StandardCharsets;

/**
 * What the driver needs of a message of a watch stream. One message is read again and
 * again into the same object.
 * <p>
 * Not thread-safe.
 */
public final class WatchReply {

	private final MessageReader fields = new MessageReader();

	private final MessageReader event = new MessageReader();

	private final KeyValueView keyValue = new KeyValueView();

	private byte[] bytes = new byte[0];

	private int from;

	private int to;

	private long watchId;

	private long compactRevision;

	private boolean created;

	private boolean canceled;

	private String reason = "";

	/**
	 * Reads everything but the events.
	 * @param array what the message lies in; kept for {@link #events}
	 * @param start where it begins
	 * @param end where it ends
	 * @throws MalformedMessageException if it cannot be read
	 */
	public void read(byte[] array, int start, int end) {
		this.bytes = array;
		this.from = start;
		this.to = end;
		this.watchId = 0;
		this.compactRevision = 0;
		this.created = false;
		this.canceled = false;
		this.reason = "";
		this.fields.over(array, start, end);
		while (this.fields.next()) {
			take(this.fields);
		}
	}

	private void take(MessageReader field) {
		switch (field.field) {
			case 2 -> this.watchId = field.value;
			case 3 -> this.created = field.value != 0;
			case 4 -> this.canceled = field.value != 0;
			case 5 -> this.compactRevision = field.value;
			case 6 -> this.reason = new String(field.bytes, field.from, field.to - field.from, StandardCharsets.UTF_8);
			default -> {
				// The events are read later, when it is known whose they are.
			}
		}
	}

	/**
	 * Hands out the events of the message read last.
	 * @param sink gets them in their order
	 * @throws MalformedMessageException if they cannot be read
	 */
	public void events(WatchEventSink sink) {
		this.fields.over(this.bytes, this.from, this.to);
		while (this.fields.next()) {
			if (this.fields.field == 11) {
				readEvent(this.fields, sink);
			}
		}
	}

	private void readEvent(MessageReader field, WatchEventSink sink) {
		boolean deleted = false;
		this.event.over(field.bytes, field.from, field.to);
		while (this.event.next()) {
			if (this.event.field == 1) {
				deleted = this.event.value == 1;
			}
			else if (this.event.field == 2) {
				this.keyValue.read(this.event.bytes, this.event.from, this.event.to);
			}
		}
		sink.event(deleted, this.keyValue);
	}

	/**
	 * The watcher.
	 * @return the id that the server gave it
	 */
	public long watchId() {
		return this.watchId;
	}

	/**
	 * Whether this says that the watcher is there.
	 * @return whether it was created
	 */
	public boolean created() {
		return this.created;
	}

	/**
	 * Whether this says that the watcher is gone.
	 * @return whether it was canceled
	 */
	public boolean canceled() {
		return this.canceled;
	}

	/**
	 * Why the watcher is gone.
	 * @return the reason, with the revision that was compacted if that is why
	 */
	public String reason() {
		return (this.compactRevision == 0) ? this.reason : this.reason + " (compacted at " + this.compactRevision + ")";
	}

}
