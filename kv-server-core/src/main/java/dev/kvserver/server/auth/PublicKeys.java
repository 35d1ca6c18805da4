package dev.kvserver.server.auth;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;

/**
 * The public key of a private key, which the JDK does not offer.
 */
final class PublicKeys {

	private static final BigInteger TWO = BigInteger.TWO;

	private static final BigInteger THREE = BigInteger.valueOf(3);

	private PublicKeys() {
	}

	static PublicKey of(PrivateKey key) throws GeneralSecurityException {
		if (key instanceof RSAPrivateCrtKey rsa) {
			return KeyFactory.getInstance("RSA")
				.generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
		}
		if (key instanceof ECPrivateKey ec) {
			ECPoint point = multiply(ec.getS(), ec.getParams());
			return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, ec.getParams()));
		}
		if (key instanceof EdECPrivateKey ed) {
			byte[] seed = ed.getBytes().orElseThrow(() -> new InvalidKeyException("no bytes"));
			EdECPoint point = EdwardsPoint.publicKey(seed);
			return KeyFactory.getInstance("Ed25519").generatePublic(new EdECPublicKeySpec(ed.getParams(), point));
		}
		throw new InvalidKeyException(key.getAlgorithm());
	}

	/** The base point so many times: double and add, at start only. */
	private static ECPoint multiply(BigInteger times, ECParameterSpec params) {
		BigInteger prime = ((ECFieldFp) params.getCurve().getField()).getP();
		BigInteger a = params.getCurve().getA();
		ECPoint sum = ECPoint.POINT_INFINITY;
		for (int bit = times.bitLength() - 1; bit >= 0; bit--) {
			sum = add(sum, sum, a, prime);
			if (times.testBit(bit)) {
				sum = add(sum, params.getGenerator(), a, prime);
			}
		}
		return sum;
	}

	private static ECPoint add(ECPoint left, ECPoint right, BigInteger a, BigInteger prime) {
		if (left.equals(ECPoint.POINT_INFINITY)) {
			return right;
		}
		BigInteger slope;
		if (left.equals(right)) {
			slope = left.getAffineX()
				.modPow(TWO, prime)
				.multiply(THREE)
				.add(a)
				.multiply(left.getAffineY().multiply(TWO).modInverse(prime));
		}
		else {
			slope = right.getAffineY()
				.subtract(left.getAffineY())
				.multiply(right.getAffineX().subtract(left.getAffineX()).modInverse(prime));
		}
		BigInteger x = slope.multiply(slope).subtract(left.getAffineX()).subtract(right.getAffineX()).mod(prime);
		BigInteger y = slope.multiply(left.getAffineX().subtract(x)).subtract(left.getAffineY()).mod(prime);
		return new ECPoint(x, y);
	}

}
