package dev.kvserver.server.auth;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;

import javax.crypto.Mac;

import static java.util.Objects.requireNonNull;

/**
 * How a JWT is signed (RFC 7518, RFC 8037), by the means of the JDK.
 */
enum JwtAlgorithm {

	RS256("RSA", "SHA256withRSA", 256), RS384("RSA", "SHA384withRSA", 384), RS512("RSA", "SHA512withRSA", 512),
	PS256("RSA", "RSASSA-PSS", 256), PS384("RSA", "RSASSA-PSS", 384), PS512("RSA", "RSASSA-PSS", 512),
	ES256("EC", "SHA256withECDSAinP1363Format", 256), ES384("EC", "SHA384withECDSAinP1363Format", 384),
	ES512("EC", "SHA512withECDSAinP1363Format", 521), EDDSA("Ed25519", "Ed25519", 256),
	HS256("HMAC", "HmacSHA256", 256), HS384("HMAC", "HmacSHA384", 384), HS512("HMAC", "HmacSHA512", 512);

	private final String family;

	private final String jcaName;

	private final int bits;

	JwtAlgorithm(String family, String jcaName, int bits) {
		this.family = family;
		this.jcaName = jcaName;
		this.bits = bits;
	}

	/** The algorithm of a name in a JWT's header. */
	static JwtAlgorithm of(String name) {
		for (JwtAlgorithm algorithm : values()) {
			if (algorithm.title().equals(name)) {
				return algorithm;
			}
		}
		throw new IllegalArgumentException(
				"auth.token sign-method: " + name + " (expected: one of " + Arrays.toString(values()) + ")");
	}

	/** The name in a JWT's header. */
	String title() {
		return (this == EDDSA) ? "EdDSA" : name();
	}

	boolean isHmac() {
		return this.family.equals("HMAC");
	}

	/** What kind of keys: RSA, EC, Ed25519 or HMAC. */
	String family() {
		return this.family;
	}

	/** The bits of an EC key's field. */
	int bits() {
		return this.bits;
	}

	byte[] sign(JwtKeys keys, byte[] content) throws GeneralSecurityException {
		if (isHmac()) {
			return mac(keys, content);
		}
		Signature signature = signature();
		PrivateKey key = requireNonNull(keys.privateKey());
		signature.initSign(key);
		signature.update(content);
		return signature.sign();
	}

	boolean verify(JwtKeys keys, byte[] content, byte[] signed) throws GeneralSecurityException {
		if (isHmac()) {
			return MessageDigest.isEqual(mac(keys, content), signed);
		}
		Signature signature = signature();
		signature.initVerify(requireNonNull(keys.publicKey()));
		signature.update(content);
		return signature.verify(signed);
	}

	private byte[] mac(JwtKeys keys, byte[] content) throws GeneralSecurityException {
		Mac mac = Mac.getInstance(this.jcaName);
		mac.init(requireNonNull(keys.secret()));
		return mac.doFinal(content);
	}

	private Signature signature() throws GeneralSecurityException {
		Signature signature = Signature.getInstance(this.jcaName);
		if (this.jcaName.equals("RSASSA-PSS")) {
			String hash = "SHA-" + this.bits;
			signature.setParameter(
					new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), this.bits / Byte.SIZE, 1));
		}
		return signature;
	}

	@Override
	public String toString() {
		return title();
	}

}
