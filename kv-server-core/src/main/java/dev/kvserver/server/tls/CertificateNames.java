package dev.kvserver.server.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

import javax.naming.InvalidNameException;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;

import io.netty.util.NetUtil;

/** Whom a certificate is for. */
final class CertificateNames {

	private static final int DNS_NAME = 2;

	private static final int IP_ADDRESS = 7;

	private CertificateNames() {
	}

	/** The common name of the subject, the last if it has several, or an empty string. */
	static String commonName(X509Certificate certificate) {
		try {
			LdapName subject = new LdapName(certificate.getSubjectX500Principal().getName());
			// The text begins with what is last in the certificate, and so is index 0 its
			// end.
			for (int i = subject.size() - 1; i >= 0; i--) {
				Attribute names = subject.getRdn(i).toAttributes().get("CN");
				if (names != null && names.get() instanceof String name) {
					return name;
				}
			}
			return "";
		}
		catch (InvalidNameException ex) {
			return "";
		}
		catch (NamingException ex) {
			throw new IllegalStateException("A parsed name must be readable", ex);
		}
	}

	/**
	 * Whether a certificate is for a host, as Go sees it: by its alternative names only,
	 * where {@code *} may stand for the first label.
	 * @param host a name or an IP address
	 */
	static boolean isFor(X509Certificate certificate, String host) throws CertificateException {
		Collection<List<?>> names = certificate.getSubjectAlternativeNames();
		if (names == null) {
			return false;
		}
		byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
		for (List<?> name : names) {
			int type = (Integer) name.get(0);
			boolean matches = (address != null) ? type == IP_ADDRESS && isAddress(address, (String) name.get(1))
					: type == DNS_NAME && matches((String) name.get(1), host);
			if (matches) {
				return true;
			}
		}
		return false;
	}

	private static boolean isAddress(byte[] wanted, String address) {
		byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
		return bytes != null && Arrays.equals(wanted, bytes);
	}

	private static boolean matches(String pattern, String host) {
		String wanted = withoutDot(host);
		String offered = withoutDot(pattern);
		if (wanted.isEmpty() || offered.isEmpty()) {
			return false;
		}
		int dot = wanted.indexOf('.');
		return offered.equals(wanted)
				|| (dot > 0 && offered.startsWith("*.") && offered.substring(1).equals(wanted.substring(dot)));
	}

	private static String withoutDot(String name) {
		String lower = name.toLowerCase(Locale.ROOT);
		return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
	}

}
