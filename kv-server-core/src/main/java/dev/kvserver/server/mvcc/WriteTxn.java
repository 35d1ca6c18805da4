package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * One transaction: all its changes share one main revision, which is reached with the
 * first of them; a transaction that changes nothing leaves the revision alone. It sees
 * its own changes. Apply thread only; it cannot be rolled back, so all checks come first.
 */
public final class WriteTxn extends IndexRead {

	private final MvccStore store;

	private final long beginRevision;

	private final List<StoreEvent> changes = new ArrayList<>(1);

	WriteTxn(MvccStore store) {
		this.store = store;
		this.beginRevision = store.revision();
	}

	/**
	 * The revision a read in this transaction reports.
	 * @return the revision before the transaction, one more once it has changed something
	 */
	@Override
	public long revision() {
		return this.changes.isEmpty() ? this.beginRevision : this.beginRevision + 1;
	}

	@Override
	public long compactRevision() {
		return this.store.compactRevision();
	}

	@Override
	TreeIndex index() {
		return this.store.stagedIndex();
	}

	@Override
	Values values() {
		return this.store.stagedValues();
	}

	@Override
	public @Nullable KeyIndex find(byte[] key) {
		KeyIndex found = this.store.entry(key);
		return (found != null && found.isLive()) ? found : null;
	}

	/**
	 * Sets a key.
	 * @param key the key; must not be changed afterwards
	 * @param value the value; must not be changed afterwards
	 * @param lease the lease it is attached to, 0 for none
	 * @return the live state it had before, or {@code null}
	 */
	public @Nullable KeyIndex put(byte[] key, byte[] value, long lease) {
		this.store.operations().put(key.length + (long) value.length);
		long main = this.beginRevision + 1;
		int sub = this.changes.size();
		KeyIndex before = this.store.entry(key);
		KeyIndex after = (before != null) ? before.put(main, sub, lease)
				: KeyIndex.first(key, main, sub, main, 1, lease);
		StoreEvent event = this.store.newEvent(after, value, beforeThis(before));
		this.store.stagePut(after, before, value);
		this.changes.add(event);
		return (before != null && before.isLive()) ? before : null;
	}

	/**
	 * Deletes a key.
	 * @param before its state, found live by this transaction
	 */
	public void delete(KeyIndex before) {
		KeyIndex after = before.delete(this.beginRevision + 1, this.changes.size());
		StoreEvent event = this.store.newEvent(after, null, beforeThis(before));
		this.store.stageDelete(after, before);
		this.changes.add(event);
	}

	/**
	 * The live state before this transaction, which is what a watcher gets with each
	 * change, also with a second one of the same key.
	 */
	private @Nullable KeyIndex beforeThis(@Nullable KeyIndex before) {
		if (before == null || before.modRevision() <= this.beginRevision) {
			return (before != null && before.isLive()) ? before : null;
		}
		for (int i = this.changes.size() - 1; i >= 0; i--) {
			StoreEvent earlier = this.changes.get(i);
			if (earlier.isOf(before)) {
				return earlier.previous();
			}
		}
		throw new IllegalStateException("no change at " + before.modRevision() + "/" + before.sub());
	}

	@Override
	public void noteRange() {
		this.store.operations().range();
	}

	/** Counts a delete, of as many keys as it may be. */
	public void noteDelete() {
		this.store.operations().delete();
	}

	/** Counts what was done so far as a transaction of its own. */
	public void noteEnd() {
		this.store.operations().end();
	}

	/**
	 * Ends the transaction; its changes become part of the batch under way.
	 */
	public void end() {
		if (!this.changes.isEmpty()) {
			this.store.advance(this.changes);
		}
	}

}
