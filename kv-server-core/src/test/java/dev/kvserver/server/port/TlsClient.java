package dev.kvserver.server.port;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;

/**
 * A client with a certificate, or without: raw sockets of the JDK, and what gRPC needs.
 */
final class TlsClient {

	private static final int PATIENCE_MILLIS = 20_000;

	private final X509Bundle trusted;

	private final @Nullable X509Bundle own;

	private final SSLContext context;

	TlsClient(X509Bundle trusted, @Nullable X509Bundle own) {
		this.trusted = trusted;
		this.own = own;
		try {
			this.context = SSLContext.getInstance("TLS");
			KeyManagerFactory keys = (own != null) ? own.toKeyManagerFactory() : null;
			this.context.init((keys != null) ? keys.getKeyManagers() : null,
					new TrustManager[] { trusted.toTrustManager() }, null);
		}
		catch (GeneralSecurityException ex) {
			throw new AssertionError(ex);
		}
	}

	/** Shakes hands, with what the parameters allow. */
	SSLSocket connect(int port, SSLParameters parameters) throws IOException {
		return over(new Socket(InetAddress.getLoopbackAddress(), port), parameters);
	}

	/** Shakes hands over a socket that is connected. */
	SSLSocket over(Socket connected, SSLParameters parameters) throws IOException {
		SSLSocket socket = (SSLSocket) this.context.getSocketFactory()
			.createSocket(connected, "localhost", connected.getPort(), true);
		socket.setSoTimeout(PATIENCE_MILLIS);
		socket.setSSLParameters(parameters);
		try {
			socket.startHandshake();
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
		return socket;
	}

	SSLSocket connect(int port, String... protocols) throws IOException {
		SSLParameters parameters = parameters();
		parameters.setApplicationProtocols(protocols);
		return connect(port, parameters);
	}

	SSLParameters parameters() {
		return this.context.getDefaultSSLParameters();
	}

	/** The answer to a request for the version, or an empty string if there is none. */
	String ask(int port) throws IOException {
		return ask(new Socket(InetAddress.getLoopbackAddress(), port));
	}

	/** The same over a socket that is connected. */
	String ask(Socket connected) {
		try (RawConnection connection = new RawConnection(over(connected, parameters()))) {
			return connection.send("GET /version HTTP/1.1\r\nHost: x\r\n\r\n").readAnswer().body();
		}
		catch (IOException ex) {
			return "";
		}
	}

	SslContext grpc() throws SSLException {
		try {
			var builder = GrpcSslContexts.forClient().trustManager(this.trusted.toTrustManagerFactory());
			if (this.own != null) {
				builder.keyManager(this.own.toKeyManagerFactory());
			}
			return builder.build();
		}
		catch (GeneralSecurityException ex) {
			throw new AssertionError(ex);
		}
	}

}
