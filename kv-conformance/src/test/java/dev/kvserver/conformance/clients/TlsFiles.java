package dev.kvserver.conformance.clients;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;

/**
 * An authority made for one test class, and the files with what it signs: those of a
 * server on this machine, and those of clients.
 */
final class TlsFiles {

	private final Path directory;

	private final X509Bundle authority;

	private final Path authorityFile;

	private final Identity server;

	/**
	 * Makes an authority and a server's certificate.
	 * @param directory an empty directory, which outlives this
	 */
	TlsFiles(Path directory) {
		this.directory = directory;
		this.authority = make(() -> new CertificateBuilder().ecp256()
			.subject("CN=authority of a test")
			.setIsCertificateAuthority(true)
			.buildSelfSigned());
		this.authorityFile = write("ca.crt", this.authority.getCertificatePEM());
		// A client as well: with it etcd's gateway calls its own server.
		this.server = identity("server",
				new CertificateBuilder().ecp256()
					.subject("CN=server")
					.addSanDnsName("localhost")
					.addSanIpAddress("127.0.0.1")
					.addExtendedKeyUsageServerAuth()
					.addExtendedKeyUsageClientAuth());
	}

	/** The certificate of the authority. */
	Path authority() {
		return this.authorityFile;
	}

	Identity server() {
		return this.server;
	}

	/** A client whose certificate has a common name. */
	Identity client(String commonName) {
		return identity("client-" + commonName,
				new CertificateBuilder().ecp256().subject("CN=" + commonName).addExtendedKeyUsageClientAuth());
	}

	/** A client whose certificate is of an organization only. */
	Identity namelessClient() {
		return identity("nameless",
				new CertificateBuilder().ecp256().subject("O=organization").addExtendedKeyUsageClientAuth());
	}

	private Identity identity(String file, CertificateBuilder builder) {
		X509Bundle bundle = make(() -> builder.buildIssuedBy(this.authority));
		return new Identity(write(file + ".crt", bundle.getCertificatePEM()),
				write(file + ".key", bundle.getPrivateKeyPEM()));
	}

	private Path write(String name, String pem) {
		try {
			return Files.writeString(this.directory.resolve(name), pem);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static X509Bundle make(Recipe recipe) {
		try {
			return recipe.make();
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	/** What may fail, but does not. */
	@FunctionalInterface
	private interface Recipe {

		X509Bundle make() throws Exception;

	}

	/**
	 * Who somebody is, for others to verify.
	 *
	 * @param certificate a file in PEM
	 * @param key its private key, a file in PEM
	 */
	record Identity(Path certificate, Path key) {

		/** As etcdctl takes it. */
		List<String> etcdctl() {
			return List.of("--cert=" + this.certificate, "--key=" + this.key);
		}

		/** As curl takes it. */
		List<String> curl() {
			return List.of("--cert", this.certificate.toString(), "--key", this.key.toString());
		}

	}

}
