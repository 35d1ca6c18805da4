package dev.kvserver.server.tls;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The serial numbers in a file of revocation lists. As in etcd a certificate is refused
 * when its number is in the file, whoever issued the two. The file is looked at for each
 * connection and read when it has changed; if it cannot be read, nobody is let in.
 * Thread-safe.
 */
final class RevocationList {

	private final Path file;

	private @Nullable Version version;

	private Set<BigInteger> serials = Set.of();

	private RevocationList(Path file) {
		this.file = file;
	}

	/**
	 * Reads the file for the first time.
	 * @throws TlsException if it cannot be read, or holds no list
	 */
	static RevocationList open(Path file) {
		RevocationList list = new RevocationList(file);
		try {
			list.serials();
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new TlsException("The revocation list " + file + " cannot be used: " + ex, ex);
		}
		return list;
	}

	/** Refuses a certificate that is in the list, or has one in the list above it. */
	void check(X509Certificate[] chain) throws CertificateException {
		Set<BigInteger> revoked;
		try {
			revoked = serials();
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new CertificateException("the revocation list cannot be read: " + ex.getClass().getSimpleName(), ex);
		}
		for (X509Certificate certificate : chain) {
			if (revoked.contains(certificate.getSerialNumber())) {
				throw new CertificateException(
						"certificate serial " + certificate.getSerialNumber().toString(16) + " revoked");
			}
		}
	}

	private synchronized Set<BigInteger> serials() throws IOException, GeneralSecurityException {
		BasicFileAttributes attributes = Files.readAttributes(this.file, BasicFileAttributes.class);
		Version found = new Version(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
		if (!found.equals(this.version)) {
			this.serials = read(this.file);
			this.version = found;
		}
		return this.serials;
	}

	private static Set<BigInteger> read(Path file) throws IOException, GeneralSecurityException {
		Collection<? extends CRL> lists;
		try (InputStream in = Files.newInputStream(file)) {
			lists = CertificateFactory.getInstance("X.509").generateCRLs(in);
		}
		if (lists.isEmpty()) {
			throw new CertificateException("it is empty");
		}
		Set<BigInteger> serials = new HashSet<>();
		for (CRL list : lists) {
			Set<? extends X509CRLEntry> entries = ((X509CRL) list).getRevokedCertificates();
			if (entries != null) {
				entries.forEach((entry) -> serials.add(entry.getSerialNumber()));
			}
		}
		return Set.copyOf(serials);
	}

	/** What tells one content of the file from the next. */
	private record Version(FileTime modified, long sizeBytes, @Nullable Object file) {

	}

}
