package dev.kvserver.conformance.cases;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/** A conversation with the gateway over a WebSocket. */
final class GatewayTalk implements WebSocket.Listener, AutoCloseable {

	/** What is heard when the other side has gone; etcd goes without a word. */
	static final String CLOSED = "closed";

	private static final int TIMEOUT_SECONDS = 20;

	private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

	private final StringBuilder part = new StringBuilder();

	private final WebSocket socket;

	GatewayTalk(HttpClient client, int port, String path) throws Exception {
		this.socket = client.newWebSocketBuilder()
			.buildAsync(URI.create("ws://127.0.0.1:" + port + path), this)
			.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
	}

	/** A server that has said its last word may not be there to hear it. */
	void say(String text) {
		this.socket.sendText(text, true)
			.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
			.exceptionally((failure) -> this.socket)
			.join();
	}

	/** The next message. */
	String hear() throws InterruptedException {
		String text = this.heard.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
		return (text != null) ? text : "nothing";
	}

	@Override
	public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
		this.part.append(data);
		if (last) {
			this.heard.add(this.part.toString());
			this.part.setLength(0);
		}
		from.request(1);
		return null;
	}

	@Override
	public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
		this.heard.add(CLOSED);
		return null;
	}

	@Override
	public void onError(WebSocket from, Throwable error) {
		this.heard.add(CLOSED);
	}

	@Override
	public void close() {
		this.socket.abort();
	}

}
