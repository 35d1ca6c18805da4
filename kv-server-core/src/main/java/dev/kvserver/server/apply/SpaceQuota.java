package dev.kvserver.server.apply;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import dev.kvserver.server.error.EtcdError;

/**
 * Bounds the space the store may take. Asking the storage for its size for each put would
 * be dear, so the costs of what was admitted are added up from the last answer on, and it
 * is asked again only when that estimate reaches the bound. Any thread.
 */
public final class SpaceQuota {

	/** The bound unless told otherwise, etcd's: 2 GiB. */
	public static final long BYTES_DEFAULT = 2L << 30;

	private final long bytesMax;

	private final LongSupplier sizeBytes;

	private final Runnable exceeded;

	private final AtomicLong estimate;

	/**
	 * Makes the quota.
	 * @param bytesMax the bound; 0 for the default, negative for none
	 * @param sizeBytes answers the size of the store; any thread
	 * @param exceeded told each time something is refused; any thread, must not block
	 */
	public SpaceQuota(long bytesMax, LongSupplier sizeBytes, Runnable exceeded) {
		this.bytesMax = (bytesMax == 0) ? BYTES_DEFAULT : (bytesMax < 0) ? Long.MAX_VALUE : bytesMax;
		this.sizeBytes = sizeBytes;
		this.exceeded = exceeded;
		this.estimate = new AtomicLong(sizeBytes.getAsLong());
	}

	/**
	 * The bound.
	 * @return bytes; {@code Long.MAX_VALUE} for none
	 */
	public long bytesMax() {
		return this.bytesMax;
	}

	/**
	 * The bound as etcd reports it.
	 * @return bytes, the default where there is none
	 */
	public long reportedBytes() {
		return (this.bytesMax == Long.MAX_VALUE) ? BYTES_DEFAULT : this.bytesMax;
	}

	/**
	 * Admits a request or refuses it.
	 * @param cost what it may take, see {@link SpaceCost}; 0 is always admitted
	 * @throws dev.kvserver.server.error.EtcdException {@code NO_SPACE}
	 */
	public void require(long cost) {
		if (cost == 0 || this.bytesMax == Long.MAX_VALUE || this.estimate.addAndGet(cost) < this.bytesMax) {
			return;
		}
		long size = this.sizeBytes.getAsLong() + cost;
		this.estimate.set(size);
		if (size >= this.bytesMax) {
			this.exceeded.run();
			throw EtcdError.NO_SPACE.exception();
		}
	}

}
