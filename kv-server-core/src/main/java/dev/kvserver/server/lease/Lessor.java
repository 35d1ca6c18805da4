package dev.kvserver.server.lease;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.metrics.LeaseMetrics;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.StorageException;
import dev.kvserver.server.storage.WriteBatch;
import org.jspecify.annotations.Nullable;

/**
 * All leases: who holds which keys, and for how long.
 * <p>
 * The apply thread grants, revokes and attaches while it carries a batch out, and sees
 * its own changes at once. Everybody else must not: a reader that learns of a revoked
 * lease would still find its keys in the store, whose changes become readable only with
 * the whole batch. So changes are staged, and {@link #publish()}, called right after the
 * store's own publication, shows them to readers and hands them to the lease thread. The
 * time of a lease starts there too: the apply thread knows no time.
 * <p>
 * It answers to etcd's {@code server/lease/lessor.go}, without its callback into the
 * store: revoking returns the keys, and the caller deletes them.
 */
public final class Lessor {

	/** The longest time a lease may be granted for, in seconds. */
	public static final long TTL_MAX_SECONDS = 9_000_000_000L;

	/** What {@link #renew} answers for a lease that has expired but is not gone yet. */
	public static final long EXPIRING = -1;

	private final long minTtlSeconds;

	private final LeaseMetrics metrics = LeaseMetrics.create();

	/** What readers see, and with {@link #staged} what the apply thread sees. */
	private final ConcurrentHashMap<Long, Lease> published = new ConcurrentHashMap<>();

	/** The leases granted by the current batch, the last one of each id. */
	private final Map<Long, Lease> staged = new HashMap<>();

	private final List<Lease> withChangedKeys = new ArrayList<>();

	private List<Lease> granted = new ArrayList<>();

	private List<Lease> revoked = new ArrayList<>();

	/** Bounded by what it refers to: each lease passes twice, granted and revoked. */
	private final Queue<LeaseChanges> changes = new ConcurrentLinkedQueue<>();

	private Runnable onChange = () -> {
	};

	/**
	 * Makes an empty lessor.
	 * @param minTtlSeconds what a shorter TTL is raised to, at least 1; etcd's is 1.5
	 * election timeouts, 2 by default
	 */
	public Lessor(long minTtlSeconds) {
		this.minTtlSeconds = minTtlSeconds;
	}

	/**
	 * Sets what is told that leases came or went, such as the wake-up of the lease
	 * thread. Before the apply thread starts.
	 * @param onChange run on the apply thread at the end of {@link #publish()}; must not
	 * block
	 */
	public void onChange(Runnable onChange) {
		this.onChange = onChange;
	}

	/**
	 * Reads the stored leases into an empty lessor, each with its full TTL. Then the
	 * caller attaches the live keys and calls {@link #publish()}. Before the apply thread
	 * starts, or on it; blocks on the disk.
	 * @param storage where {@link #grant} has put them
	 * @throws StorageException if a stored lease cannot be read
	 */
	public void load(Storage storage) {
		try (Storage.Scan scan = storage.scan(Bucket.LEASE, new byte[0], null)) {
			while (scan.next()) {
				add(decode(scan.key(), scan.value()));
			}
		}
	}

	/**
	 * Creates a lease. Apply thread.
	 * @param id the lease's id, not 0
	 * @param ttlSeconds its TTL; below the minimum, 0 and negative are raised to the
	 * minimum
	 * @param batch where the lease is stored
	 * @return the lease, with the TTL it got
	 * @throws dev.kvserver.server.error.EtcdException {@code LEASE_TTL_TOO_LARGE},
	 * {@code LEASE_EXISTS}, in this order
	 */
	public Lease grant(long id, long ttlSeconds, WriteBatch batch) {
		if (ttlSeconds > TTL_MAX_SECONDS) {
			throw EtcdError.LEASE_TTL_TOO_LARGE.exception();
		}
		if (exists(id)) {
			throw EtcdError.LEASE_EXISTS.exception();
		}
		Lease lease = new Lease(id, Math.max(ttlSeconds, this.minTtlSeconds));
		batch.put(Bucket.LEASE, storedKey(id), encode(lease));
		add(lease);
		this.metrics.granted().increment();
		this.metrics.ttls().observe(lease.ttlSeconds());
		return lease;
	}

	/**
	 * Whether there is such a lease, by what has been applied so far. Apply thread.
	 * @param id the id; 0 never exists
	 * @return {@code true} if it exists
	 */
	public boolean exists(long id) {
		return current(id) != null;
	}

	/**
	 * The keys of a lease, by what has been applied so far. Apply thread.
	 * @param id the id
	 * @return the keys in ascending order, none if there is no such lease; the arrays are
	 * shared and must not be changed
	 */
	public List<byte[]> attachedKeys(long id) {
		Lease lease = current(id);
		return (lease != null) ? lease.stagedKeys() : List.of();
	}

	/**
	 * Removes a lease. Apply thread; the caller deletes the keys.
	 * @param id the id
	 * @param batch where the lease is removed
	 * @return the keys it held, in ascending unsigned byte order
	 * @throws dev.kvserver.server.error.EtcdException {@code LEASE_NOT_FOUND}
	 */
	public List<byte[]> revoke(long id, WriteBatch batch) {
		Lease lease = current(id);
		if (lease == null) {
			throw EtcdError.LEASE_NOT_FOUND.exception();
		}
		batch.delete(Bucket.LEASE, storedKey(id));
		this.revoked.add(lease);
		this.metrics.revoked().increment();
		return lease.revoke();
	}

	/**
	 * Binds a key to a lease; a key that is bound to it already stays so. Apply thread.
	 * @param id the id; 0 does nothing
	 * @param key the key, kept and never changed
	 * @throws IllegalStateException if there is no such lease
	 */
	public void attach(long id, byte[] key) {
		if (id == 0) {
			return;
		}
		Lease lease = current(id);
		if (lease == null) {
			throw new IllegalStateException("attach to lease " + id + " (expected: an existing lease)");
		}
		if (lease.attach(key)) {
			this.withChangedKeys.add(lease);
		}
	}

	/**
	 * Frees a key from a lease; nothing happens if there is no such lease, as when the
	 * keys of a revoked lease are deleted, or the key is not bound to it. Apply thread.
	 * @param id the id; 0 does nothing
	 * @param key the key
	 */
	public void detach(long id, byte[] key) {
		Lease lease = (id != 0) ? current(id) : null;
		if (lease != null && lease.detach(key)) {
			this.withChangedKeys.add(lease);
		}
	}

	/**
	 * Shows readers what was done since the last call, and starts the time of new leases.
	 * Apply thread, right after the store's changes became readable and before anything
	 * is answered.
	 */
	public void publish() {
		for (int i = 0; i < this.withChangedKeys.size(); i++) {
			this.withChangedKeys.get(i).publishKeys();
		}
		this.withChangedKeys.clear();
		if (this.granted.isEmpty() && this.revoked.isEmpty()) {
			return;
		}
		// First what is new, so that an id granted again is never missing in between.
		this.published.putAll(this.staged);
		this.staged.clear();
		for (int i = 0; i < this.revoked.size(); i++) {
			Lease lease = this.revoked.get(i);
			this.published.remove(lease.id(), lease);
		}
		this.changes.add(new LeaseChanges(this.granted, this.revoked));
		this.granted = new ArrayList<>();
		this.revoked = new ArrayList<>();
		this.onChange.run();
	}

	/**
	 * Starts the time of a lease anew. Any thread; never blocks.
	 * @param id the id
	 * @param nowNanos the clock's reading
	 * @param whenGone run if the lease has expired: once it and its keys are gone for
	 * every reader, on the lease thread or at once; must not block
	 * @return the TTL from now in seconds; 0 if there is no such lease; {@link #EXPIRING}
	 * if {@code whenGone} will tell
	 */
	public long renew(long id, long nowNanos, Runnable whenGone) {
		Lease lease = find(id);
		if (lease == null) {
			return 0;
		}
		if (lease.renew(nowNanos)) {
			this.metrics.renewed().increment();
			return lease.ttlSeconds();
		}
		return lease.whenGone(whenGone) ? EXPIRING : 0;
	}

	/**
	 * Looks a lease up as of the published revision. Any thread.
	 * @param id the id
	 * @return the lease, or {@code null} if there is none
	 */
	public @Nullable Lease find(long id) {
		return this.published.get(id);
	}

	/**
	 * All leases, as of the published revision or later. Any thread.
	 * @return a view that changes as leases come and go, in no order
	 */
	public Collection<Lease> leases() {
		return Collections.unmodifiableCollection(this.published.values());
	}

	/**
	 * How many leases there are. Any thread.
	 * @return the number
	 */
	public int count() {
		return this.published.size();
	}

	/**
	 * All leases, by the time they have left. Any thread; O(n log n).
	 * @param nowNanos the clock's reading
	 * @return the ids, the next to expire first, the smaller id first among equals
	 */
	public long[] idsByRemaining(long nowNanos) {
		List<Remaining> order = new ArrayList<>(this.published.size());
		// Renewals go on meanwhile, so what is sorted by must be read once.
		for (Lease lease : this.published.values()) {
			order.add(new Remaining(lease.id(), lease.remainingNanos(nowNanos)));
		}
		order.sort(null);
		long[] ids = new long[order.size()];
		for (int i = 0; i < ids.length; i++) {
			ids[i] = order.get(i).id;
		}
		return ids;
	}

	/**
	 * What is counted here.
	 * @return the metrics
	 */
	public LeaseMetrics metrics() {
		return this.metrics;
	}

	/** The next published changes, for the lease thread. */
	@Nullable LeaseChanges pollChanges() {
		return this.changes.poll();
	}

	private void add(Lease lease) {
		this.staged.put(lease.id(), lease);
		this.granted.add(lease);
	}

	/** The lease as of what has been applied so far. */
	private @Nullable Lease current(long id) {
		Lease lease = this.staged.isEmpty() ? null : this.staged.get(id);
		if (lease == null) {
			lease = this.published.get(id);
		}
		return (lease == null || lease.isRevoked()) ? null : lease;
	}

	private Lease decode(byte[] key, byte[] value) {
		try {
			var stored = dev.kvserver.proto.leasepb.Lease.parseFrom(value);
			if (Arrays.equals(key, storedKey(stored.getID()))) {
				return new Lease(stored.getID(), Math.max(stored.getTTL(), this.minTtlSeconds));
			}
			throw new StorageException("lease bucket: the entry of another id holds lease " + stored.getID(), null);
		}
		catch (InvalidProtocolBufferException ex) {
			throw new StorageException("lease bucket: an entry is not a lease", ex);
		}
	}

	private static byte[] encode(Lease lease) {
		return dev.kvserver.proto.leasepb.Lease.newBuilder()
			.setID(lease.id())
			.setTTL(lease.ttlSeconds())
			.build()
			.toByteArray();
	}

	private static byte[] storedKey(long id) {
		return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
	}

	/** A lease at the moment of sorting. */
	private record Remaining(long id, long nanos) implements Comparable<Remaining> {

		@Override
		public int compareTo(Remaining other) {
			int order = Long.compare(this.nanos, other.nanos);
			return (order != 0) ? order : Long.compare(this.id, other.id);
		}

	}

}
