package dev.kvserver.benchmarks.load.wire;

/**
 * The methods that the driver calls.
 */
public enum Rpc {

	/** Reads keys. */
	RANGE("/etcdserverpb.KV/Range"),
	/** Writes one key. */
	PUT("/etcdserverpb.KV/Put"),
	/** Deletes keys. */
	DELETE_RANGE("/etcdserverpb.KV/DeleteRange"),
	/** Compares, then reads and writes. */
	TXN("/etcdserverpb.KV/Txn"),
	/** Drops old revisions. */
	COMPACT("/etcdserverpb.KV/Compact"),
	/** A stream of watch requests and events. */
	WATCH("/etcdserverpb.Watch/Watch"),
	/** Makes a lease. */
	LEASE_GRANT("/etcdserverpb.Lease/LeaseGrant"),
	/** A stream of renewals. */
	LEASE_KEEP_ALIVE("/etcdserverpb.Lease/LeaseKeepAlive");

	private final String path;

	Rpc(String path) {
		this.path = path;
	}

	/**
	 * The path of the method in a request.
	 * @return the path, with a slash in front
	 */
	public String path() {
		return this.path;
	}

}
