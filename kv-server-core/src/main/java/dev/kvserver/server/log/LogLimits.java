package dev.kvserver.server.log;

/**
 * The bounds of the way into the log.
 *
 * @param requestBytesMax the largest encoded request, in bytes
 * @param applyGapMax how many committed entries may wait to be applied before proposals
 * are refused
 * @param queueCountMax how many proposals may wait for the log
 * @param queueBytesMax how many encoded bytes may wait for the log
 * @param batchBytesMax the size in encoded bytes at which a batch is synced before more
 * is taken; a batch exceeds it by at most one request
 */
public record LogLimits(int requestBytesMax, int applyGapMax, int queueCountMax, long queueBytesMax,
		int batchBytesMax) {

	/** etcd's bounds where it has them. */
	public static final LogLimits DEFAULTS = new LogLimits(3 * 512 * 1024, 5_000, 65_536, 64L << 20, 8 << 20);

	/**
	 * Checks the bounds.
	 */
	public LogLimits {
		requirePositive("requestBytesMax", requestBytesMax);
		requirePositive("applyGapMax", applyGapMax);
		requirePositive("queueCountMax", queueCountMax);
		requirePositive("queueBytesMax", queueBytesMax);
		requirePositive("batchBytesMax", batchBytesMax);
	}

	/**
	 * The same bounds with another request size.
	 * @param requestBytesMax the largest encoded request, in bytes, above 0
	 * @return the bounds
	 */
	public LogLimits withRequestBytesMax(int requestBytesMax) {
		return new LogLimits(requestBytesMax, this.applyGapMax, this.queueCountMax, this.queueBytesMax,
				this.batchBytesMax);
	}

	private static void requirePositive(String name, long value) {
		if (value <= 0) {
			throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
		}
	}

}
