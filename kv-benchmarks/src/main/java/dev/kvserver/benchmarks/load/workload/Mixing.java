package dev.kvserver.benchmarks.load.workload;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Values that do not compress and can be made again from a number, and the sum by which
 * sets of revisions are compared. The mixing is that of SplitMix64.
 */
final class Mixing {

	private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

	private static final long STEP = 0x9e3779b97f4a7c15L;

	private Mixing() {
	}

	/** A number that looks random, the same for the same argument. */
	static long mix(long number) {
		long z = number + STEP;
		z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
		z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
		return z ^ z >>> 31;
	}

	/**
	 * Fills an array with the value of a number. It begins with the number itself, least
	 * significant byte first, as far as there is room.
	 */
	static void fill(byte[] value, long seed, long number) {
		int at = 0;
		long next = number;
		long state = mix(seed) ^ mix(number);
		for (; value.length - at >= Long.BYTES; at += Long.BYTES) {
			LONG.set(value, at, next);
			state += STEP;
			next = mix(state);
		}
		for (; at < value.length; at++) {
			value[at] = (byte) next;
			next >>>= Byte.SIZE;
		}
	}

}
