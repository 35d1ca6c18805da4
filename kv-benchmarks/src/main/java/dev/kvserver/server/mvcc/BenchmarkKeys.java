package dev.kvserver.server.mvcc;

import java.nio.charset.StandardCharsets;

/**
 * Keys as Kubernetes writes them: 64 bytes, of which the first 30 are the same for a
 * thousand keys and more.
 */
final class BenchmarkKeys {

	static final int COUNT = 1_000_000;

	private static final int PER_NAMESPACE = 5_000;

	private BenchmarkKeys() {
	}

	/** The {@code i}th key in byte order. */
	static byte[] key(int i) {
		String text = "/registry/pods/namespace-%05d/deployment-%06d-%016x".formatted(i / PER_NAMESPACE, i,
				(i + 1) * 0x9E3779B97F4A7C15L);
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/** A number that visits all below {@link #COUNT} in a scattered order. */
	static int scattered(int i) {
		return (int) ((i * 611_953L + 77) % COUNT);
	}

}
