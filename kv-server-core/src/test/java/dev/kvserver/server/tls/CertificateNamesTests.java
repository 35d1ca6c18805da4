package dev.kvserver.server.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class CertificateNamesTests {

	private static final TestCertificates CERTIFICATES = new TestCertificates();

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "CN=alice|alice", "CN=alice,O=team|alice", "O=team,CN=alice|alice", "O=team|''",
					"CN=second,CN=first|second", "CN=a\\,b|a,b", "CN=' spaced '| spaced ",
					"CN=\u00fcml\u00e4ut|\u00fcml\u00e4ut" })
	void theCommonNameIsTheLastOfTheSubject(String subject, String name) {
		X509Certificate certificate = CERTIFICATES.issue(subject.replace("'", "\""), (builder) -> builder)
			.getCertificate();
		assertThat(CertificateNames.commonName(certificate)).isEqualTo(name);
	}

	@ParameterizedTest
	@CsvSource({ "a.example.com, true", "A.Example.COM., true", "b.example.com, false", "x.any.org, true",
			"any.org, false", "x.y.any.org, false", "10.0.0.1, true", "10.0.0.2, false", "::1, true",
			"0:0:0:0:0:0:0:1, true", "name, false", "'', false" })
	void aCertificateIsForItsAlternativeNames(String host, boolean expected) throws Exception {
		X509Certificate certificate = CERTIFICATES.withNames(new GeneralName(GeneralName.dNSName, "a.example.com"),
				new GeneralName(GeneralName.dNSName, "*.any.org"), new GeneralName(GeneralName.iPAddress, "10.0.0.1"),
				new GeneralName(GeneralName.iPAddress, "::1"));
		assertThat(CertificateNames.isFor(certificate, host)).isEqualTo(expected);
	}

	@Test
	void aCommonNameIsNoHost() throws CertificateException {
		assertThat(CertificateNames.isFor(CERTIFICATES.client("a.example.com").getCertificate(), "a.example.com"))
			.isFalse();
	}

}
