package dev.kvserver.server.storage;

/**
 * Changes that take effect together, in the order they were added. Used by one thread.
 */
public interface WriteBatch extends AutoCloseable {

	/**
	 * Sets a value.
	 * @param bucket the bucket
	 * @param key the key; must not be changed afterwards
	 * @param value the value, possibly empty; must not be changed afterwards
	 */
	void put(Bucket bucket, byte[] key, byte[] value);

	/**
	 * Removes a key; an absent one is fine.
	 * @param bucket the bucket
	 * @param key the key; must not be changed afterwards
	 */
	void delete(Bucket bucket, byte[] key);

	/**
	 * How many changes the batch holds.
	 * @return the number of puts and deletes
	 */
	int count();

	/**
	 * Forgets all changes.
	 */
	void clear();

	@Override
	void close();

}
