package dev.kvserver.server.lease;

/**
 * The way from expired to revoked, which leads through the log.
 */
public interface LeaseRevoker {

	/**
	 * Proposes one entry that revokes leases. Called by the lease thread; must not block.
	 * Whether the entry took effect shows in the leases, not here.
	 * @param ids the leases, at least one; some may be gone when the entry is applied
	 * @return {@code false} if the proposal was refused at once; it will be repeated soon
	 */
	boolean revoke(long[] ids);

}
