package dev.kvserver.server.auth;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.spec.EdECPoint;
import java.util.Arrays;

/**
 * A point of edwards25519 (RFC 8032, section 5.1), only to find the public key of a
 * configured private key at start: nothing here takes care to take the same time for all
 * keys.
 *
 * @param x one coordinate
 * @param y the other
 */
record EdwardsPoint(BigInteger x, BigInteger y) {

	private static final BigInteger P = BigInteger.TWO.pow(255).subtract(BigInteger.valueOf(19));

	private static final BigInteger D = BigInteger.valueOf(-121_665)
		.multiply(BigInteger.valueOf(121_666).modInverse(P))
		.mod(P);

	private static final EdwardsPoint NEUTRAL = new EdwardsPoint(BigInteger.ZERO, BigInteger.ONE);

	private static final EdwardsPoint BASE = new EdwardsPoint(
			new BigInteger("15112221349535400772501151409588531511454012693041857206046113283949847762202"),
			BigInteger.valueOf(4).multiply(BigInteger.valueOf(5).modInverse(P)).mod(P));

	private static final int SCALAR_BYTES = 32;

	/** The public key of a private one, which is 32 bytes. */
	static EdECPoint publicKey(byte[] privateKey) throws GeneralSecurityException {
		byte[] hash = MessageDigest.getInstance("SHA-512").digest(privateKey);
		byte[] scalar = Arrays.copyOf(hash, SCALAR_BYTES);
		scalar[0] &= (byte) 0xf8;
		scalar[31] = (byte) ((scalar[31] & 0x7f) | 0x40);
		EdwardsPoint point = BASE.times(littleEndian(scalar));
		return new EdECPoint(point.x.testBit(0), point.y);
	}

	private static BigInteger littleEndian(byte[] bytes) {
		byte[] reversed = new byte[bytes.length];
		for (int i = 0; i < bytes.length; i++) {
			reversed[i] = bytes[bytes.length - 1 - i];
		}
		return new BigInteger(1, reversed);
	}

	private EdwardsPoint times(BigInteger scalar) {
		EdwardsPoint sum = NEUTRAL;
		for (int bit = scalar.bitLength() - 1; bit >= 0; bit--) {
			sum = sum.plus(sum);
			if (scalar.testBit(bit)) {
				sum = sum.plus(this);
			}
		}
		return sum;
	}

	private EdwardsPoint plus(EdwardsPoint other) {
		BigInteger product = D.multiply(this.x).multiply(other.x).multiply(this.y).multiply(other.y).mod(P);
		BigInteger nextX = this.x.multiply(other.y)
			.add(other.x.multiply(this.y))
			.multiply(BigInteger.ONE.add(product).modInverse(P))
			.mod(P);
		BigInteger nextY = this.y.multiply(other.y)
			.add(this.x.multiply(other.x))
			.multiply(BigInteger.ONE.subtract(product).modInverse(P))
			.mod(P);
		return new EdwardsPoint(nextX, nextY);
	}

}
