package dev.kvserver.server.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * An HTTP/1 connection without a network, whose time the test moves.
 */
final class TestConnection implements AutoCloseable {

	static final Duration IDLE_TIMEOUT = Duration.ofMinutes(5);

	private final EmbeddedChannel channel = new EmbeddedChannel();

	TestConnection(HttpRoute... routes) {
		this(HttpAccess.ANY, routes);
	}

	TestConnection(HttpAccess access, HttpRoute... routes) {
		this.channel.freezeTime();
		HttpConnection.addTo(this.channel.pipeline(), new HttpRoutes(List.of(routes)),
				new HttpOptions(8192, IDLE_TIMEOUT, access));
	}

	/**
	 * Sends bytes and returns everything that was answered.
	 */
	String send(String ascii) {
		this.channel.writeInbound(Unpooled.copiedBuffer(ascii, StandardCharsets.ISO_8859_1));
		return answers();
	}

	String answers() {
		this.channel.runPendingTasks();
		StringBuilder answers = new StringBuilder();
		for (ByteBuf part = this.channel.readOutbound(); part != null; part = this.channel.readOutbound()) {
			answers.append(part.toString(StandardCharsets.ISO_8859_1));
			part.release();
		}
		return answers.toString();
	}

	/**
	 * The first line of everything that was answered.
	 */
	static String statusOf(String answers) {
		int end = answers.indexOf("\r\n");
		return (end < 0) ? answers : answers.substring(0, end);
	}

	static String bodyOf(String answer) {
		return answer.substring(answer.indexOf("\r\n\r\n") + 4);
	}

	boolean isOpen() {
		this.channel.runPendingTasks();
		return this.channel.isOpen();
	}

	void advance(Duration time) {
		this.channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
		this.channel.runScheduledPendingTasks();
	}

	void drain() {
		this.channel.pipeline().fireUserEventTriggered(HttpConnection.DRAIN);
	}

	@Override
	public void close() {
		this.channel.finishAndReleaseAll();
	}

}
