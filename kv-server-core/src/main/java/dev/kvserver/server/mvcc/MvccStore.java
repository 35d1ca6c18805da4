package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;

import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.metrics.StoreMetrics;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.WriteBatch;
import org.jspecify.annotations.Nullable;

/**
 * All keys and their history. One thread, the apply thread, changes it: it begins
 * transactions, and commits all of a batch of requests with one write to the storage and
 * one volatile publish of the new {@link StoreView}. Everybody else reads views.
 * <p>
 * Answers to etcd's {@code mvcc/kvstore.go} and {@code kvstore_txn.go}.
 */
public final class MvccStore implements AutoCloseable {

	private final Storage storage;

	private final MvccOptions options;

	private final ValueCache cache;

	private final StoreMetrics metrics = StoreMetrics.create();

	private final TxnOperations operations = new TxnOperations(this.metrics.operations());

	private final StagedChanges staged = new StagedChanges();

	private final Values stagedValues;

	private final Values publishedValues;

	private final Values valuesInMemory;

	private final WriteBatch batch;

	private final TreeIndex.Editor index;

	/** States that newer ones have taken the place of since the last commit. */
	private final List<KeyIndex> replaced = new ArrayList<>();

	/** For each of them the state that now stands for the same change, if any. */
	private final List<@Nullable KeyIndex> replacedBy = new ArrayList<>();

	private final BackgroundJobs jobs;

	private final CompactionHashes hashes;

	private final Compaction compaction;

	private final @Nullable Checkpoints checkpoints;

	private final long checkpointRevision;

	private List<EventBatch> events = new ArrayList<>();

	private long revision;

	private long compactRevision;

	private boolean indexChanged;

	private volatile StoreView view;

	private volatile Runnable whenCompacting = () -> {
	};

	private MvccStore(Storage storage, MvccOptions options, Executor background, @Nullable CheckpointFile checkpoint) {
		IndexLoader.Loaded loaded = IndexLoader.load(storage, checkpoint);
		this.storage = storage;
		this.options = options;
		this.cache = new ValueCache(options.valueCacheBytes());
		this.stagedValues = new Values(storage, this.cache, this.staged);
		this.publishedValues = new Values(storage, this.cache, (main, sub) -> null);
		this.valuesInMemory = this.publishedValues.inMemory();
		this.batch = storage.newBatch();
		this.index = loaded.index().edit();
		this.revision = loaded.revision();
		this.compactRevision = loaded.compactions().scheduled();
		this.jobs = new BackgroundJobs(background);
		this.hashes = new CompactionHashes(this.jobs);
		this.compaction = new Compaction(options.compactionHashes() ? this.hashes : null,
				() -> this.whenCompacting.run(), this::replaced, this.metrics.compaction());
		this.compaction.resume(loaded.compactions().unfinished());
		this.checkpoints = (checkpoint != null) ? new Checkpoints(checkpoint, storage, this.jobs, loaded) : null;
		this.checkpointRevision = loaded.checkpointRevision();
		this.view = newView(loaded.index(), number(storage.get(Bucket.META, MetaKeys.CONSISTENT_INDEX)),
				number(storage.get(Bucket.META, MetaKeys.TERM)));
		this.compaction.published(this.view);
	}

	/**
	 * Opens the store, with its background jobs done by the apply thread.
	 * @param storage the storage, open
	 * @param options the bounds
	 * @return the store, not yet owned by any thread
	 */
	public static MvccStore open(Storage storage, MvccOptions options) {
		return open(storage, options, Runnable::run, null);
	}

	/**
	 * Opens the store on what the storage holds and rebuilds the index. Blocks on the
	 * disk.
	 * @param storage the storage, open
	 * @param options the bounds
	 * @param background runs the store's background jobs, one or two at a time, each of
	 * which may read everything there is
	 * @param checkpoint where the index is saved, so that not all of the storage must be
	 * read; {@code null} for nowhere
	 * @return the store, not yet owned by any thread
	 */
	public static MvccStore open(Storage storage, MvccOptions options, Executor background,
			@Nullable CheckpointFile checkpoint) {
		return new MvccStore(storage, options, background, checkpoint);
	}

	/**
	 * Sets what is told that {@link #isCompacting} has become true. Before the apply
	 * thread starts.
	 * @param whenCompacting run by any thread; must not block
	 */
	public void onCompacting(Runnable whenCompacting) {
		this.whenCompacting = whenCompacting;
	}

	/**
	 * The store as it is now. Any thread.
	 * @return the newest published view
	 */
	public StoreView view() {
		return this.view;
	}

	/**
	 * Reads a range. Any thread; blocks on the disk where values are not in memory.
	 * @param request the request, with a key and valid enums
	 * @return the answer, with the store's revision in its header
	 * @throws dev.kvserver.server.error.EtcdException {@code COMPACTED} or
	 * {@code FUTURE_REV}
	 */
	public RangeResponse.Builder range(RangeRequest request) {
		return read((txn) -> txn.range(request));
	}

	/**
	 * Reads a part of a range that is answered in several: keys in order up to the
	 * request's limit. Any thread; blocks on the disk where values are not in memory.
	 * @param pinned the view that all parts are read from
	 * @param request the request, its key being the first of this part
	 * @return the part
	 * @throws dev.kvserver.server.error.EtcdException {@code FUTURE_REV}, or
	 * {@code COMPACTED} also when a compaction has passed the revision since
	 */
	public RangeChunk chunk(StoreView pinned, RangeRequest request) {
		long revision = (request.getRevision() > 0) ? request.getRevision() : pinned.revision();
		if (revision < this.view.compactRevision()) {
			throw EtcdError.COMPACTED.exception();
		}
		TxnOperations.count(this.metrics.operations(), 1, 0);
		try {
			return new RangeReader(pinned.index(), pinned.values(), pinned.revision(), pinned.compactRevision(),
					request)
				.readChunk();
		}
		catch (StaleViewException ex) {
			throw EtcdError.COMPACTED.exception();
		}
	}

	/**
	 * Reads the newest view; again on the one after it, should a compaction take away
	 * what is being read. Any thread; blocks on the disk where values are not in memory.
	 * @param <T> what the reader makes
	 * @param reader reads; without side effects, since it may run more than once
	 * @return what the reader made
	 */
	public <T> T read(Function<TxnRead, T> reader) {
		while (true) {
			StoreView now = this.view;
			ReadTxn txn = new ReadTxn(now, now.values());
			try {
				T made = reader.apply(txn);
				ended(txn);
				return made;
			}
			catch (EtcdException ex) {
				ended(txn);
				throw ex;
			}
			catch (StaleViewException ex) {
				if (this.view == now) {
					throw new IllegalStateException("a value is missing at revision " + now.revision(), ex);
				}
			}
		}
	}

	/**
	 * Reads the newest view without the disk. Any thread; does not block.
	 * @param <T> what the reader makes
	 * @param reader reads; without side effects, since it may have to run again
	 * @return what the reader made, or {@code null} if that takes values that are not in
	 * memory: then {@link #read} is the way
	 */
	public <T> @Nullable T readInMemory(Function<TxnRead, T> reader) {
		ReadTxn txn = new ReadTxn(this.view, this.valuesInMemory);
		try {
			T made = reader.apply(txn);
			ended(txn);
			return made;
		}
		catch (EtcdException ex) {
			ended(txn);
			throw ex;
		}
		catch (NotInMemoryException ex) {
			return null;
		}
	}

	private void ended(ReadTxn txn) {
		TxnOperations.count(this.metrics.operations(), txn.ranges(), 0);
	}

	/**
	 * Hashes the stored history. Any thread; reads all of it from the disk, except at
	 * exactly the revision of one of the newest 10 compactions that are finished. For
	 * these, what the compaction saw was hashed before anything was removed: revisions
	 * that are gone now are in that hash, and it is given for compacted revisions too.
	 * @param atRevision the last revision to hash, 0 for the current one; a negative one
	 * gives the hash of nothing, as in etcd
	 * @return the hash
	 * @throws dev.kvserver.server.error.EtcdException {@code COMPACTED} or
	 * {@code FUTURE_REV}
	 */
	public KvHash hash(long atRevision) {
		long begin = Histogram.begin();
		KvHash hash = HashQuery.answer(atRevision, this.hashes, this::view);
		this.metrics.revisionHashes().end(begin);
		return hash;
	}

	/**
	 * Begins a transaction. Apply thread; the transaction before must have ended.
	 * @return the transaction, on everything applied so far
	 */
	public WriteTxn begin() {
		this.operations.end();
		return new WriteTxn(this);
	}

	/**
	 * What the next {@link #commit} writes, for other parts whose state must change
	 * together with the store's. Apply thread.
	 * @return the batch
	 */
	public WriteBatch batch() {
		return this.batch;
	}

	/**
	 * The revision after everything applied so far, published or not. Apply thread.
	 * @return the revision
	 */
	public long revision() {
		return this.revision;
	}

	/**
	 * The compact revision after everything applied so far. Apply thread.
	 * @return the revision, -1 for none
	 */
	public long compactRevision() {
		return this.compactRevision;
	}

	/**
	 * Makes everything since the last commit one write, and readable. Apply thread.
	 * @param appliedIndex the last log entry applied
	 * @param appliedTerm its term
	 * @return the new view
	 */
	public StoreView commit(long appliedIndex, long appliedTerm) {
		this.batch.put(Bucket.META, MetaKeys.CONSISTENT_INDEX, bytes(appliedIndex));
		this.batch.put(Bucket.META, MetaKeys.TERM, bytes(appliedTerm));
		this.operations.end();
		long begin = Histogram.begin();
		this.storage.write(this.batch);
		this.metrics.commits().end(begin);
		this.batch.clear();
		TreeIndex published = this.indexChanged ? this.index.snapshot() : this.view.index();
		this.indexChanged = false;
		StoreView next = newView(published, appliedIndex, appliedTerm);
		this.view = next;
		int changes = this.staged.size();
		this.staged.clear();
		this.cache.published(published, changes);
		retireReplaced();
		this.compaction.published(next);
		if (this.checkpoints != null) {
			this.checkpoints.published(next, changes, this.compaction.isActive());
		}
		return next;
	}

	/** Only now: until the new view was published, readers needed their values. */
	private void retireReplaced() {
		for (int i = 0; i < this.replaced.size(); i++) {
			KeyIndex by = this.replacedBy.get(i);
			if (by != null) {
				this.cache.move(this.replaced.get(i), by);
			}
			else {
				this.cache.retire(this.replaced.get(i));
			}
		}
		this.replaced.clear();
		this.replacedBy.clear();
	}

	private void replaced(KeyIndex before, @Nullable KeyIndex by) {
		this.replaced.add(before);
		this.replacedBy.add(by);
	}

	/**
	 * Takes the events since the last call. Apply thread; after {@link #commit}.
	 * @return the events, revision by revision
	 */
	public List<EventBatch> takeEvents() {
		List<EventBatch> taken = this.events;
		this.events = new ArrayList<>();
		return taken;
	}

	/**
	 * Makes history below a revision unreadable; {@link #compactSome} removes it. Apply
	 * thread.
	 * @param at the revision to compact at
	 * @param whenDone run, on the apply thread, when the removal has been written
	 * @throws dev.kvserver.server.error.EtcdException {@code COMPACTED} or
	 * {@code FUTURE_REV}
	 */
	public void compact(long at, @Nullable Runnable whenDone) {
		if (at <= this.compactRevision) {
			throw EtcdError.COMPACTED.exception();
		}
		if (at > this.revision) {
			throw EtcdError.FUTURE_REV.exception();
		}
		this.compaction.schedule(at, this.compactRevision, whenDone);
		// Etcd reads a key then, to learn the current revision.
		this.operations.range();
		this.compactRevision = at;
		this.batch.put(Bucket.META, MetaKeys.SCHEDULED_COMPACT_REV, Revision.encode(at, 0, false));
	}

	/**
	 * Whether {@link #compactSome} has anything to do. Apply thread.
	 * @return {@code true} while a compaction is under way that may remove something
	 */
	public boolean isCompacting() {
		return this.compaction.isReady();
	}

	/**
	 * Removes a bounded part of what compaction freed. Apply thread; a {@link #commit}
	 * must follow.
	 * @return what to run after that commit
	 */
	public List<Runnable> compactSome() {
		if (!isCompacting()) {
			return List.of();
		}
		this.indexChanged = true;
		return this.compaction.step(this.index, this.batch, this.options.compactionBatchLimit());
	}

	/**
	 * Names each live key that is attached to a lease. At start, before any change.
	 * @param consumer takes key and lease id
	 */
	public void forEachAttached(ObjLongConsumer<byte[]> consumer) {
		TreeIndex.Cursor cursor = this.view.index().liveCursor(new byte[0]);
		for (KeyIndex key = cursor.next(); key != null; key = cursor.next()) {
			if (key.lease() != 0) {
				consumer.accept(key.key(), key.lease());
			}
		}
	}

	/**
	 * Ends the background jobs and saves the index. After the apply thread has ended and
	 * before the storage is closed; blocks on the disk.
	 */
	@Override
	public void close() {
		this.jobs.close();
		if (this.checkpoints != null) {
			this.checkpoints.close(this.view);
		}
	}

	/**
	 * What is counted here.
	 * @return the metrics
	 */
	public StoreMetrics metrics() {
		return this.metrics;
	}

	TxnOperations operations() {
		return this.operations;
	}

	@Nullable KeyIndex entry(byte[] key) {
		return this.index.get(key);
	}

	TreeIndex stagedIndex() {
		return this.index.peek();
	}

	Values stagedValues() {
		return this.stagedValues;
	}

	/** The revision of the checkpoint that the store was opened from, 0 for none. */
	long checkpointRevision() {
		return this.checkpointRevision;
	}

	boolean isCompactionHashKnown(long revision) {
		return this.hashes.find(revision) != null;
	}

	ValueCache cache() {
		return this.cache;
	}

	/** Takes a put of a transaction into index, storage batch and cache. */
	void stagePut(KeyIndex after, @Nullable KeyIndex before, byte[] value) {
		byte[] stored = KeyValues.encode(after, value);
		stage(after, before, stored, false);
		this.cache.added(after, value);
	}

	/** Takes a delete of a transaction into index and storage batch. */
	void stageDelete(KeyIndex after, KeyIndex before) {
		stage(after, before, KeyValues.encodeTombstone(after.key()), true);
	}

	private void stage(KeyIndex after, @Nullable KeyIndex before, byte[] stored, boolean tombstone) {
		this.index.put(after);
		this.indexChanged = true;
		if (before != null) {
			replaced(before, null);
		}
		this.staged.add(after.modRevision(), after.sub(), stored);
		this.batch.put(Bucket.KEY, Revision.encode(after.modRevision(), after.sub(), tombstone), stored);
	}

	StoreEvent newEvent(KeyIndex current, byte @Nullable [] value, @Nullable KeyIndex previous) {
		return new StoreEvent(this.publishedValues, current, value, previous);
	}

	/** Ends a transaction that changed something. */
	void advance(List<StoreEvent> changes) {
		this.revision++;
		this.events.add(new EventBatch(this.revision, changes));
	}

	private StoreView newView(TreeIndex published, long appliedIndex, long appliedTerm) {
		return new StoreView(this.publishedValues, published, this.revision, this.compactRevision, appliedIndex,
				appliedTerm);
	}

	private static long number(byte @Nullable [] stored) {
		return (stored != null) ? ByteBuffer.wrap(stored).getLong() : 0;
	}

	private static byte[] bytes(long value) {
		return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
	}

}
