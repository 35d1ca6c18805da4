package dev.kvserver.server.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.port.PortOptions;

/** A whole server, asked over HTTP/1. */
final class GatewayServer implements AutoCloseable {

	private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

	private final KvServer server;

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	GatewayServer(boolean gateway) {
		this(gateway, Duration.ofMinutes(5));
	}

	/** A server that does not wait long for requests. */
	GatewayServer(Duration httpIdleTimeout) {
		this(true, httpIdleTimeout);
	}

	private GatewayServer(boolean gateway, Duration httpIdleTimeout) {
		this.server = KvServer.open(KvServerOptions.builder()
			.httpGateway(gateway)
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.httpIdleTimeout(httpIdleTimeout)
				.build())
			.build());
		this.server.listen();
	}

	HttpResponse<String> post(String path, String body, String... headers) {
		return send("POST", path, body, headers);
	}

	HttpResponse<String> send(String method, String path, String body, String... headers) {
		HttpRequest.Builder request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + this.server.port() + path))
			.method(method, HttpRequest.BodyPublishers.ofString(body));
		for (int i = 0; i < headers.length; i += 2) {
			request.header(headers[i], headers[i + 1]);
		}
		try {
			return this.client.send(request.build(), HttpResponse.BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/** Begins a request and leaves its answer to be read, or not. */
	Open open(String path, String body) throws IOException {
		Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.server.port());
		socket.setSoTimeout(20_000);
		byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
		String head = "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + bytes.length + "\r\n\r\n";
		socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
		socket.getOutputStream().write(bytes);
		return new Open(socket);
	}

	/** How many keys there are, asked without the port. */
	long keys() throws Exception {
		return this.server.store()
			.range(RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO).setCountOnly(true).build())
			.get()
			.getCount();
	}

	KvServer server() {
		return this.server;
	}

	@Override
	public void close() {
		this.server.close();
	}

	/** An answer that is being read line by line. */
	static final class Open implements AutoCloseable {

		private final Socket socket;

		private final BufferedReader reader;

		Open(Socket socket) throws IOException {
			this.socket = socket;
			this.reader = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
		}

		/** The next line with JSON in it. */
		String next() throws IOException {
			String line = line();
			while (!line.startsWith("{")) {
				line = line();
			}
			return line;
		}

		String line() throws IOException {
			String line = this.reader.readLine();
			return (line != null) ? line : "{the end}";
		}

		@Override
		public void close() throws IOException {
			this.socket.close();
		}

	}

}
