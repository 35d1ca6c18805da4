package dev.kvserver.server.storage;

/**
 * The named parts of the store. Names and contents follow etcd's database buckets, so
 * that a snapshot of one can be written from the other.
 */
public enum Bucket {

	/** Revision key to encoded {@code mvccpb.KeyValue}. */
	KEY,
	/** Applied index, term, compaction marks, format version, ids. */
	META,
	/** Lease id (8 bytes big-endian) to encoded {@code leasepb.Lease}. */
	LEASE,
	/** Encoded {@code AlarmMember} to an empty value. */
	ALARM,
	/** Whether authentication is on, and the auth revision. */
	AUTH,
	/** User name to encoded {@code authpb.User}. */
	AUTH_USERS,
	/** Role name to encoded {@code authpb.Role}. */
	AUTH_ROLES,
	/** Member id to the member. */
	MEMBERS

}
