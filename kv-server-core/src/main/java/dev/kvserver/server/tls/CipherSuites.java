package dev.kvserver.server.tls;

import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import javax.net.ssl.SSLContext;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.OpenSsl;

/**
 * Names of ciphers. Go, and so etcd, mostly uses the registered names as the JDK does,
 * but leaves the hash away behind ChaCha20, and calls {@code TLS_} what is {@code SSL_}
 * to the JDK.
 */
final class CipherSuites {

	private static final Map<String, String> GO_NAMES = Map.of("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
			"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
			"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");

	/** As in Go, they are always there and cannot be chosen. */
	private static final List<String> TLS_1_3 = List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
			"TLS_CHACHA20_POLY1305_SHA256");

	private CipherSuites() {
	}

	/**
	 * What is to be enabled.
	 * @param chosen what was asked for, nothing for what HTTP/2 recommends
	 * @param provider whose ciphers
	 * @return JDK names, those of TLS 1.3 included; some may not exist here
	 */
	static List<String> enabled(List<String> chosen, TlsProvider provider) {
		if (chosen.isEmpty()) {
			return Http2SecurityUtil.CIPHERS;
		}
		List<String> enabled = new ArrayList<>(TLS_1_3);
		for (String name : jdkNames(chosen, provider)) {
			if (!enabled.contains(name)) {
				enabled.add(name);
			}
		}
		return enabled;
	}

	/**
	 * The JDK's names of ciphers.
	 * @param names names in either spelling
	 * @param provider who has to know them
	 * @return the names, in the same order
	 * @throws IllegalArgumentException naming the first that is unknown or too weak to be
	 * allowed
	 */
	static List<String> jdkNames(List<String> names, TlsProvider provider) {
		if (names.isEmpty()) {
			return List.of();
		}
		Set<String> supported = supported(provider);
		return names.stream().map((name) -> jdkName(name, supported)).toList();
	}

	private static String jdkName(String name, Set<String> supported) {
		String stripped = name.strip();
		String full = GO_NAMES.getOrDefault(stripped, stripped);
		if (supported.contains(full)) {
			return full;
		}
		String renamed = full.startsWith("TLS_") ? "SSL_" + full.substring(4) : full.replaceFirst("^SSL_", "TLS_");
		if (supported.contains(renamed)) {
			return renamed;
		}
		throw new IllegalArgumentException(
				"ciphers: " + name + " is unknown, or not allowed here (allowed: " + supported + ")");
	}

	private static Set<String> supported(TlsProvider provider) {
		if (provider == TlsProvider.OPENSSL) {
			return OpenSsl.availableJavaCipherSuites();
		}
		try {
			Set<String> names = new TreeSet<>();
			Collections.addAll(names, SSLContext.getDefault().getSupportedSSLParameters().getCipherSuites());
			return names;
		}
		catch (NoSuchAlgorithmException ex) {
			throw new TlsException("The JDK has no TLS", ex);
		}
	}

}
