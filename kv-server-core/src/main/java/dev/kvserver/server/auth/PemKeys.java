package dev.kvserver.server.auth;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads keys from PEM files, in the forms that OpenSSL writes: PKCS #8 and X.509, which
 * the JDK knows, the older PKCS #1 (RSA) and SEC 1 (EC), which are wrapped in the former,
 * and certificates.
 */
final class PemKeys {

	private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

	private static final byte[] VERSION_0 = { 2, 1, 0 };

	/** The object identifier of RSA keys, and the absent parameters. */
	private static final byte[] RSA = { 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0 };

	/** The object identifier of EC keys. */
	private static final byte[] EC = { 6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1 };

	private static final byte[] P256 = { 6, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 3, 1, 7 };

	private static final byte[] P384 = { 6, 5, 0x2b, (byte) 0x81, 4, 0, 0x22 };

	private static final byte[] P521 = { 6, 5, 0x2b, (byte) 0x81, 4, 0, 0x23 };

	private static final int SEQUENCE = 0x30;

	private static final int OCTET_STRING = 4;

	private static final int BIT_STRING = 3;

	private PemKeys() {
	}

	static PrivateKey privateKey(JwtAlgorithm algorithm, String pem) throws GeneralSecurityException {
		Matcher block = block(pem, "PRIVATE KEY");
		byte[] content = content(block);
		byte[] encoded = switch (block.group(1)) {
			case "PRIVATE KEY" -> content;
			case "RSA PRIVATE KEY" -> der(SEQUENCE, VERSION_0, der(SEQUENCE, RSA), der(OCTET_STRING, content));
			case "EC PRIVATE KEY" ->
				der(SEQUENCE, VERSION_0, der(SEQUENCE, EC, curve(algorithm)), der(OCTET_STRING, content));
			default -> throw new InvalidKeyException("PEM block " + block.group(1));
		};
		PrivateKey key = KeyFactory.getInstance(algorithm.family()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
		checkCurve(algorithm, key);
		return key;
	}

	static PublicKey publicKey(JwtAlgorithm algorithm, String pem) throws GeneralSecurityException {
		Matcher block = block(pem, "PUBLIC KEY|CERTIFICATE");
		byte[] content = content(block);
		PublicKey key = switch (block.group(1)) {
			case "PUBLIC KEY" -> decode(algorithm, content);
			case "RSA PUBLIC KEY" ->
				decode(algorithm, der(SEQUENCE, der(SEQUENCE, RSA), der(BIT_STRING, new byte[1], content)));
			case "CERTIFICATE" -> CertificateFactory.getInstance("X.509")
				.generateCertificate(new ByteArrayInputStream(content))
				.getPublicKey();
			default -> throw new InvalidKeyException("PEM block " + block.group(1));
		};
		if (!key.getAlgorithm().equals(algorithm.family()) && !algorithm.family().equals("Ed25519")) {
			throw new InvalidKeyException(key.getAlgorithm());
		}
		checkCurve(algorithm, key);
		return key;
	}

	private static PublicKey decode(JwtAlgorithm algorithm, byte[] encoded) throws GeneralSecurityException {
		return KeyFactory.getInstance(algorithm.family()).generatePublic(new X509EncodedKeySpec(encoded));
	}

	/** The first block of a kind; a file may hold others, such as EC PARAMETERS. */
	private static Matcher block(String pem, String kind) throws InvalidKeyException {
		Matcher block = BLOCK.matcher(pem);
		while (block.find()) {
			if (block.group(1).matches("(.* )?(" + kind + ")")) {
				return block;
			}
		}
		throw new InvalidKeyException("no PEM block " + kind);
	}

	private static byte[] content(Matcher block) throws InvalidKeyException {
		try {
			return Base64.getMimeDecoder().decode(block.group(2).getBytes(StandardCharsets.ISO_8859_1));
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidKeyException(ex);
		}
	}

	private static void checkCurve(JwtAlgorithm algorithm, Object key) throws InvalidKeyException {
		if (key instanceof ECKey ec && ec.getParams().getCurve().getField().getFieldSize() != algorithm.bits()) {
			throw new InvalidKeyException("another curve");
		}
	}

	private static byte[] curve(JwtAlgorithm algorithm) {
		return switch (algorithm.bits()) {
			case 256 -> P256;
			case 384 -> P384;
			default -> P521;
		};
	}

	/** An ASN.1 value: tag, length, and the parts. */
	private static byte[] der(int tag, byte[]... parts) {
		int length = 0;
		for (byte[] part : parts) {
			length += part.length;
		}
		ByteArrayOutputStream value = new ByteArrayOutputStream();
		value.write(tag);
		if (length < 0x80) {
			value.write(length);
		}
		else {
			value.write(0x82);
			value.write(length >> 8);
			value.write(length);
		}
		for (byte[] part : parts) {
			value.writeBytes(part);
		}
		return value.toByteArray();
	}

}
