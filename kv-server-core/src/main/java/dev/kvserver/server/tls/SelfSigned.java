package dev.kvserver.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

import javax.net.ssl.KeyManagerFactory;

import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key that the server makes for itself, and a certificate that nobody else vouches for:
 * etcd's {@code --auto-tls}. With a directory both are kept there as {@code cert.pem} and
 * {@code key.pem}, and used again until the certificate has expired. Thread-safe.
 * <p>
 * The certificate is written by hand. The JDK has no public way to make one, and the
 * libraries that do are larger than the rest of the server, for a structure of twenty
 * values: <pre>
 *   certificate = { body, algorithm, signature of the body }
 *   body        = { version, serial, algorithm, issuer, validity, subject, key, extensions }
 * </pre>
 */
public final class SelfSigned implements TlsSource {

	private static final Logger logger = LoggerFactory.getLogger(SelfSigned.class);

	/** As etcd's, unless told otherwise. */
	private static final Duration VALIDITY = Duration.ofDays(365);

	/** Clocks of clients may be late. */
	private static final Duration GRACE = Duration.ofHours(1);

	private static final int SERIAL_BITS = 127;

	private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.identifier(1, 2, 840, 10045, 4, 3, 2));

	private static final int DNS_NAME = 0x82;

	private static final int IP_ADDRESS = 0x87;

	private static final int EXPLICIT_0 = 0xa0;

	private static final int EXPLICIT_3 = 0xa3;

	private final @Nullable Path directory;

	private final Set<String> hosts;

	/** What was made, where there is no directory to find it in again. */
	private @Nullable Pair made;

	/**
	 * Names what will be made when it is asked for.
	 * @param directory where to keep it, made if absent; {@code null} to keep it in
	 * memory
	 * @param hosts the names and IP addresses that the certificate is for
	 */
	public SelfSigned(@Nullable Path directory, Set<String> hosts) {
		this.directory = directory;
		this.hosts = Set.copyOf(hosts);
	}

	@Override
	public synchronized TlsMaterial load() {
		try {
			Pair pair = (this.directory != null) ? inDirectory(this.directory) : inMemory();
			KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
			store.load(null, null);
			store.setKeyEntry("server", pair.key(), new char[0], new Certificate[] { pair.certificate() });
			KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			keys.init(store, new char[0]);
			return TlsMaterial.of(keys, null);
		}
		catch (IOException | GeneralSecurityException | IllegalArgumentException ex) {
			throw new TlsException("The self-signed certificate cannot be "
					+ ((this.directory != null) ? "made, or read, in " + this.directory + ": " + ex : "made: " + ex),
					ex);
		}
	}

	private Pair inMemory() throws GeneralSecurityException {
		Pair pair = this.made;
		if (pair == null || isExpired(pair)) {
			pair = make();
			this.made = pair;
		}
		return pair;
	}

	private Pair inDirectory(Path place) throws IOException, GeneralSecurityException {
		Path certificate = place.resolve("cert.pem");
		Path key = place.resolve("key.pem");
		if (Files.exists(certificate) && Files.exists(key)) {
			Pair found = new Pair(readKey(key), certificate(unwrap(certificate)));
			if (!isExpired(found)) {
				return found;
			}
			logger.info("The self-signed certificate {} has expired, another one is made", certificate);
		}
		Pair pair = make();
		createDirectories(place);
		write(key, "PRIVATE KEY", pair.key().getEncoded());
		write(certificate, "CERTIFICATE", pair.certificate().getEncoded());
		return pair;
	}

	private static boolean isExpired(Pair pair) {
		return pair.certificate().getNotAfter().toInstant().isBefore(Instant.now());
	}

	private Pair make() throws GeneralSecurityException {
		SecureRandom random = new SecureRandom();
		KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
		generator.initialize(new ECGenParameterSpec("secp256r1"), random);
		KeyPair keys = generator.generateKeyPair();
		BigInteger serial = new BigInteger(SERIAL_BITS, random).setBit(0);
		byte[] body = body(keys, serial);
		Signature signature = Signature.getInstance("SHA256withECDSA");
		signature.initSign(keys.getPrivate(), random);
		signature.update(body);
		byte[] encoded = Der.sequence(body, ECDSA_WITH_SHA256, Der.bits(signature.sign()));
		return new Pair(keys.getPrivate(), certificate(encoded));
	}

	private byte[] body(KeyPair keys, BigInteger serial) {
		Instant now = Instant.now();
		byte[] name = Der.sequence(Der.set(Der.sequence(Der.identifier(2, 5, 4, 10), Der.utf8("etcd"))));
		byte[] validity = Der.sequence(Der.time(now.minus(GRACE)), Der.time(now.plus(VALIDITY)));
		byte[] version3 = Der.value(EXPLICIT_0, Der.integer(BigInteger.TWO));
		byte[] extensions = Der.value(EXPLICIT_3, Der.sequence(serverUsage(), alternativeNames()));
		return Der.sequence(version3, Der.integer(serial), ECDSA_WITH_SHA256, name, validity, name,
				keys.getPublic().getEncoded(), extensions);
	}

	private static byte[] serverUsage() {
		byte[] server = Der.identifier(1, 3, 6, 1, 5, 5, 7, 3, 1);
		return Der.sequence(Der.identifier(2, 5, 29, 37), Der.octets(Der.sequence(server)));
	}

	private byte[] alternativeNames() {
		List<byte[]> names = new ArrayList<>();
		for (String host : this.hosts) {
			byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
			names.add((address != null) ? Der.value(IP_ADDRESS, address)
					: Der.value(DNS_NAME, host.getBytes(StandardCharsets.US_ASCII)));
		}
		return Der.sequence(Der.identifier(2, 5, 29, 17), Der.octets(Der.sequence(names.toArray(new byte[0][]))));
	}

	private static X509Certificate certificate(byte[] encoded) throws GeneralSecurityException {
		return (X509Certificate) CertificateFactory.getInstance("X.509")
			.generateCertificate(new ByteArrayInputStream(encoded));
	}

	private static PrivateKey readKey(Path file) throws IOException, GeneralSecurityException {
		return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(unwrap(file)));
	}

	private static byte[] unwrap(Path file) throws IOException {
		String text = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
		return Base64.getMimeDecoder().decode(text);
	}

	private static void createDirectories(Path place) throws IOException {
		if (isPosix(place)) {
			Files.createDirectories(place,
					PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
		}
		else {
			Files.createDirectories(place);
		}
	}

	/** As a whole or not at all, and from its first byte on for the owner only. */
	private static void write(Path file, String kind, byte[] content) throws IOException {
		Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
		Files.deleteIfExists(temporary);
		if (isPosix(file)) {
			Files.createFile(temporary,
					PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
		}
		Base64.Encoder encoder = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));
		Files.writeString(temporary,
				"-----BEGIN " + kind + "-----\n" + encoder.encodeToString(content) + "\n-----END " + kind + "-----\n");
		Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
	}

	private static boolean isPosix(Path path) {
		return path.getFileSystem().supportedFileAttributeViews().contains("posix");
	}

	/** A key and the certificate for it. */
	private record Pair(PrivateKey key, X509Certificate certificate) {

	}

}
