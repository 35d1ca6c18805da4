package dev.kvserver.server.mvcc;

import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of revisions are found: at the key in the index, among the changes of
 * the batch under way, or in the storage. Readers on any thread use it; only the apply
 * thread sees staged changes.
 */
final class Values {

	private final Storage storage;

	private final ValueCache cache;

	private final Staged staged;

	private final boolean inMemory;

	Values(Storage storage, ValueCache cache, Staged staged) {
		this(storage, cache, staged, false);
	}

	private Values(Storage storage, ValueCache cache, Staged staged, boolean inMemory) {
		this.storage = storage;
		this.cache = cache;
		this.staged = staged;
		this.inMemory = inMemory;
	}

	/** The same without those on the disk: {@link NotInMemoryException} instead. */
	Values inMemory() {
		return new Values(this.storage, this.cache, this.staged, true);
	}

	/** The latest change of a live key. */
	KeyValue keyValue(KeyIndex key) {
		byte[] value = key.cachedValue();
		if (value != null) {
			return KeyValues.message(key, value);
		}
		KeyValue stored = keyValue(key.modRevision(), key.sub());
		this.cache.fill(key, Bytes.of(stored.getValue()));
		return stored;
	}

	/** The change at a revision. */
	KeyValue keyValue(Revision at) {
		return keyValue(at.main(), at.sub());
	}

	private KeyValue keyValue(long main, long sub) {
		byte[] storedKey = Revision.encode(main, sub, false);
		byte[] stored = this.inMemory ? this.storage.peek(Bucket.KEY, storedKey)
				: this.storage.get(Bucket.KEY, storedKey);
		if (stored == null) {
			stored = this.staged.find(main, sub);
		}
		if (stored == null) {
			throw this.inMemory ? new NotInMemoryException() : new StaleViewException();
		}
		return KeyValues.decode(main, sub, stored);
	}

	Storage storage() {
		return this.storage;
	}

	/** The changes of the batch under way, which the storage does not have yet. */
	interface Staged {

		byte @Nullable [] find(long main, long sub);

	}

}
