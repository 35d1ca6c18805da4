package dev.kvserver.server.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** Trusts clients that another trusts, and that pass our own checks. Any thread. */
final class CheckingTrustManager extends X509ExtendedTrustManager {

	private final X509TrustManager issuers;

	private final ClientCertificates clients;

	CheckingTrustManager(X509TrustManager issuers, ClientCertificates clients) {
		this.issuers = issuers;
		this.clients = clients;
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
		if (this.issuers instanceof X509ExtendedTrustManager extended) {
			extended.checkClientTrusted(chain, type, engine);
		}
		else {
			this.issuers.checkClientTrusted(chain, type);
		}
		this.clients.check(chain);
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
		checkClientTrusted(chain, type);
	}

	@Override
	public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
		this.issuers.checkClientTrusted(chain, type);
		this.clients.check(chain);
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
		throw noServer();
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
		throw noServer();
	}

	@Override
	public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
		throw noServer();
	}

	private static CertificateException noServer() {
		return new CertificateException("Only clients are checked here");
	}

	@Override
	public X509Certificate[] getAcceptedIssuers() {
		return this.issuers.getAcceptedIssuers();
	}

}
