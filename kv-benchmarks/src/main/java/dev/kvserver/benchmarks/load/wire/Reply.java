package dev.kvserver.benchmarks.load.wire;

/**
 * What the driver needs of a reply to any method but Watch. One reply is read again and
 * again into the same object; what a reply does not have is 0 or {@code false}.
 * <p>
 * Not thread-safe.
 */
public final class Reply {

	private final MessageReader fields = new MessageReader();

	private final MessageReader nested = new MessageReader();

	private final MessageReader header = new MessageReader();

	private final KeyValueView keyValue = new KeyValueView();

	private long revision;

	private long count;

	private long leaseId;

	private long ttlSeconds;

	private int keyValues;

	private boolean more;

	private boolean succeeded;

	/**
	 * Reads a reply.
	 * @param rpc the method it is a reply of
	 * @param bytes what the message lies in
	 * @param from where it begins
	 * @param to where it ends
	 * @param sink gets the key-values of a range, or of the ranges in a txn
	 * @throws MalformedMessageException if it cannot be read
	 */
	public void read(Rpc rpc, byte[] bytes, int from, int to, KeyValueSink sink) {
		this.revision = 0;
		this.count = 0;
		this.leaseId = 0;
		this.ttlSeconds = 0;
		this.keyValues = 0;
		this.more = false;
		this.succeeded = false;
		this.fields.over(bytes, from, to);
		while (this.fields.next()) {
			if (this.fields.field == 1) {
				this.revision = revisionOf(this.fields);
			}
			else {
				take(rpc, this.fields, sink);
			}
		}
	}

	private void take(Rpc rpc, MessageReader field, KeyValueSink sink) {
		switch (rpc) {
			case RANGE -> takeOfRange(field, sink);
			case DELETE_RANGE -> this.count = (field.field == 2) ? field.value : this.count;
			case TXN -> takeOfTxn(field, sink);
			case LEASE_GRANT, LEASE_KEEP_ALIVE -> takeOfLease(field);
			case PUT, COMPACT, WATCH -> {
				// Nothing besides the header, or not read here.
			}
		}
	}

	private void takeOfRange(MessageReader field, KeyValueSink sink) {
		switch (field.field) {
			case 2 -> {
				this.keyValue.read(field.bytes, field.from, field.to);
				this.keyValues++;
				sink.keyValue(this.keyValue);
			}
			case 3 -> this.more = field.value != 0;
			case 4 -> this.count = field.value;
			default -> {
				// The header is read by the caller, or is not needed within a txn.
			}
		}
	}

	private void takeOfTxn(MessageReader field, KeyValueSink sink) {
		if (field.field == 2) {
			this.succeeded = field.value != 0;
		}
		else if (field.field == 3) {
			takeResponse(field, sink);
		}
	}

	/** One response of a txn; only that of a range carries what is looked at. */
	private void takeResponse(MessageReader response, KeyValueSink sink) {
		MessageReader range = this.nested;
		range.over(response.bytes, response.from, response.to);
		if (range.next() && range.field == 1) {
			range.over(range.bytes, range.from, range.to);
			while (range.next()) {
				takeOfRange(range, sink);
			}
		}
	}

	private void takeOfLease(MessageReader field) {
		if (field.field == 2) {
			this.leaseId = field.value;
		}
		else if (field.field == 3) {
			this.ttlSeconds = field.value;
		}
	}

	private long revisionOf(MessageReader field) {
		long found = 0;
		this.header.over(field.bytes, field.from, field.to);
		while (this.header.next()) {
			found = (this.header.field == 3) ? this.header.value : found;
		}
		return found;
	}

	/**
	 * The revision in the header.
	 * @return the revision
	 */
	public long revision() {
		return this.revision;
	}

	/**
	 * Of a range, the keys in it; of a delete, the keys deleted.
	 * @return the number of keys
	 */
	public long count() {
		return this.count;
	}

	/**
	 * The lease.
	 * @return its id
	 */
	public long leaseId() {
		return this.leaseId;
	}

	/**
	 * The life that the lease has left.
	 * @return seconds; 0 or less if there is no such lease
	 */
	public long ttlSeconds() {
		return this.ttlSeconds;
	}

	/**
	 * How many key-values came.
	 * @return the number, 0 or more
	 */
	public int keyValues() {
		return this.keyValues;
	}

	/**
	 * Whether a range has more keys than were returned.
	 * @return whether there are more
	 */
	public boolean more() {
		return this.more;
	}

	/**
	 * Whether the comparisons of a txn held.
	 * @return whether the first branch was taken
	 */
	public boolean succeeded() {
		return this.succeeded;
	}

}
