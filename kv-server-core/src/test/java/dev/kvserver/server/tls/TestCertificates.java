package dev.kvserver.server.tls;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.function.UnaryOperator;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX500NameUtil;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An authority made for one test, and what it signs.
 */
public final class TestCertificates {

	private final X509Bundle authority;

	/** Makes an authority that nobody else knows. */
	public TestCertificates() {
		this.authority = make(() -> new CertificateBuilder().ecp256()
			.subject("CN=test authority")
			.setIsCertificateAuthority(true)
			.buildSelfSigned());
	}

	public X509Bundle authority() {
		return this.authority;
	}

	/** For localhost, by name and address. */
	public X509Bundle server() {
		return issue("CN=server",
				(builder) -> builder.addSanDnsName("localhost")
					.addSanIpAddress("127.0.0.1")
					.addExtendedKeyUsageServerAuth());
	}

	public X509Bundle client(String commonName) {
		return client(commonName, UnaryOperator.identity());
	}

	public X509Bundle client(String commonName, UnaryOperator<CertificateBuilder> more) {
		return issue("CN=" + commonName, (builder) -> more.apply(builder.addExtendedKeyUsageClientAuth()));
	}

	public X509Bundle expiredClient(String commonName) {
		Instant now = Instant.now();
		return client(commonName,
				(builder) -> builder.notBefore(now.minus(Duration.ofDays(2))).notAfter(now.minus(Duration.ofDays(1))));
	}

	public X509Bundle issue(String subject, UnaryOperator<CertificateBuilder> more) {
		return make(() -> more.apply(new CertificateBuilder().ecp256().subject(subject)).buildIssuedBy(this.authority));
	}

	/** A certificate with names that the builder does not know, such as wildcards. */
	@SuppressWarnings("JavaUtilDate") // what the builder takes
	X509Certificate withNames(GeneralName... names) {
		X500Name nobody = new X500Name("CN=nobody");
		return make(() -> new JcaX509CertificateConverter().getCertificate(new JcaX509v3CertificateBuilder(nobody,
				BigInteger.ONE, new Date(), new Date(), nobody, this.authority.getKeyPair().getPublic())
			.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
			.build(signer())));
	}

	private ContentSigner signer() throws OperatorCreationException {
		return new JcaContentSignerBuilder("SHA256withECDSA").build(this.authority.getKeyPair().getPrivate());
	}

	/** A server that asks for certificates of this authority, or is ready to. */
	public TlsOptions.Builder options() {
		TlsMaterial material = material(server());
		return TlsOptions.builder(() -> material);
	}

	public TlsMaterial material(X509Bundle server) {
		return make(() -> TlsMaterial.of(server.toKeyManagerFactory(), this.authority.toTrustManagerFactory()));
	}

	/** Writes a revocation list in one step. */
	@SuppressWarnings("JavaUtilDate") // what the builder takes
	public void revoke(Path file, X509Bundle... revoked) throws IOException {
		X500Name issuer = JcaX500NameUtil.getSubject(this.authority.getCertificate());
		X509v2CRLBuilder list = new X509v2CRLBuilder(issuer, new Date());
		for (X509Bundle bundle : revoked) {
			list.addCRLEntry(bundle.getCertificate().getSerialNumber(), new Date(), CRLReason.keyCompromise);
		}
		byte[] encoded = make(() -> list.build(signer()).getEncoded());
		Path temporary = file.resolveSibling("temporary.crl");
		Files.write(temporary, encoded);
		Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
	}

	private static <T> T make(Recipe<T> recipe) {
		try {
			return recipe.make();
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	/** What may fail, but does not. */
	@FunctionalInterface
	private interface Recipe<T> {

		T make() throws Exception;

	}

}
