package dev.kvserver.benchmarks.load.wire;

/**
 * Writes the requests. Each method appends one whole message with its prefix. An empty
 * end means the single key.
 */
public final class Requests {

	private static final int TARGET_MOD_REVISION = 2;

	private static final int RANGE = 1;

	private static final int PUT = 2;

	private static final int DELETE = 3;

	private static final int SUCCESS = 2;

	private static final int FAILURE = 3;

	private Requests() {
	}

	/**
	 * A linearizable range.
	 * @param out where to write
	 * @param key the first key
	 * @param end behind the last key
	 * @param limit the most keys to return, 0 for all
	 * @param keysOnly whether values are left out
	 * @param countOnly whether keys are left out, too
	 */
	public static void range(MessageWriter out, byte[] key, byte[] end, long limit, boolean keysOnly,
			boolean countOnly) {
		int start = out.beginMessage();
		out.bytes(1, key);
		out.bytes(2, end);
		out.number(3, limit);
		out.number(8, keysOnly ? 1 : 0);
		out.number(9, countOnly ? 1 : 0);
		out.endMessage(start);
	}

	/**
	 * A read of one key, linearizable.
	 * @param out where to write
	 * @param key the key
	 */
	public static void get(MessageWriter out, byte[] key) {
		int start = out.beginMessage();
		out.bytes(1, key);
		out.endMessage(start);
	}

	/**
	 * A put.
	 * @param out where to write
	 * @param key the key
	 * @param value the value
	 * @param lease the lease it hangs on, 0 for none
	 */
	public static void put(MessageWriter out, byte[] key, byte[] value, long lease) {
		int start = out.beginMessage();
		putFields(out, key, value);
		out.number(3, lease);
		out.endMessage(start);
	}

	private static void putFields(MessageWriter out, byte[] key, byte[] value) {
		out.bytes(1, key);
		out.bytes(2, value);
	}

	/**
	 * A deletion.
	 * @param out where to write
	 * @param key the first key
	 * @param end behind the last key
	 */
	public static void delete(MessageWriter out, byte[] key, byte[] end) {
		int start = out.beginMessage();
		out.bytes(1, key);
		out.bytes(2, end);
		out.endMessage(start);
	}

	/**
	 * Adds a put to a txn without conditions, which the caller has begun with
	 * {@link MessageWriter#beginMessage()} and ends.
	 * @param out where to write
	 * @param key the key
	 * @param value the value
	 */
	public static void txnPut(MessageWriter out, byte[] key, byte[] value) {
		branchPut(out, key, value);
	}

	/**
	 * A txn as the API server of Kubernetes writes it: if the key was last changed at a
	 * revision then put, else read the key.
	 * @param out where to write
	 * @param key the key
	 * @param modRevision the revision, 0 if the key is not there
	 * @param value the value
	 */
	public static void guardedPut(MessageWriter out, byte[] key, long modRevision, byte[] value) {
		int start = out.beginMessage();
		compareModRevision(out, key, modRevision);
		branchPut(out, key, value);
		elseGet(out, key);
		out.endMessage(start);
	}

	/**
	 * The same with a deletion in place of the put.
	 * @param out where to write
	 * @param key the key
	 * @param modRevision the revision
	 */
	public static void guardedDelete(MessageWriter out, byte[] key, long modRevision) {
		int start = out.beginMessage();
		compareModRevision(out, key, modRevision);
		int success = out.open(SUCCESS);
		int delete = out.open(DELETE);
		out.bytes(1, key);
		out.close(delete);
		out.close(success);
		elseGet(out, key);
		out.endMessage(start);
	}

	private static void compareModRevision(MessageWriter out, byte[] key, long modRevision) {
		int compare = out.open(1);
		out.number(2, TARGET_MOD_REVISION);
		out.bytes(3, key);
		out.choice(6, modRevision);
		out.close(compare);
	}

	private static void branchPut(MessageWriter out, byte[] key, byte[] value) {
		int success = out.open(SUCCESS);
		int put = out.open(PUT);
		putFields(out, key, value);
		out.close(put);
		out.close(success);
	}

	private static void elseGet(MessageWriter out, byte[] key) {
		int failure = out.open(FAILURE);
		int get = out.open(RANGE);
		out.bytes(1, key);
		out.close(get);
		out.close(failure);
	}

	/**
	 * A compaction.
	 * @param out where to write
	 * @param revision the oldest revision to be kept
	 */
	public static void compact(MessageWriter out, long revision) {
		number(out, revision);
	}

	/**
	 * A new lease, its id chosen by the server.
	 * @param out where to write
	 * @param ttlSeconds its life
	 */
	public static void grant(MessageWriter out, long ttlSeconds) {
		number(out, ttlSeconds);
	}

	/**
	 * A renewal of a lease.
	 * @param out where to write
	 * @param lease the id
	 */
	public static void keepAlive(MessageWriter out, long lease) {
		number(out, lease);
	}

	private static void number(MessageWriter out, long value) {
		int start = out.beginMessage();
		out.number(1, value);
		out.endMessage(start);
	}

	/**
	 * A new watcher.
	 * @param out where to write
	 * @param key the first key
	 * @param end behind the last key
	 * @param startRevision the first revision of interest
	 */
	public static void watch(MessageWriter out, byte[] key, byte[] end, long startRevision) {
		int start = out.beginMessage();
		int create = out.open(1);
		out.bytes(1, key);
		out.bytes(2, end);
		out.number(3, startRevision);
		out.close(create);
		out.endMessage(start);
	}

}
