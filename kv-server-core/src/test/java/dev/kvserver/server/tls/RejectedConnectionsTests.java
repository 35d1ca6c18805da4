package dev.kvserver.server.tls;

import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.concurrent.atomic.AtomicLong;

import javax.net.ssl.SSLHandshakeException;

import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.util.NetUtil;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RejectedConnectionsTests {

	private static final InetSocketAddress REMOTE = new InetSocketAddress(NetUtil.LOCALHOST4, 1);

	@Test
	void onlySoManyLinesAreWrittenAndTheRestIsCounted() {
		AtomicLong now = new AtomicLong();
		RejectedConnections rejected = new RejectedConnections(now::get);
		try (CapturedLog log = CapturedLog.ofRejections()) {
			for (int i = 0; i < 1_000; i++) {
				rejected.report(REMOTE, new ClosedChannelException());
			}
			assertThat(log.messages()).hasSize(RejectedConnections.LINES_MAX);
			now.set(RejectedConnections.PERIOD_NANOS - 1);
			rejected.report(REMOTE, new ClosedChannelException());
			assertThat(log.messages()).hasSize(RejectedConnections.LINES_MAX);
			now.set(RejectedConnections.PERIOD_NANOS);
			rejected.report(REMOTE, new ClosedChannelException());
			assertThat(log.messages().get(RejectedConnections.LINES_MAX))
				.isEqualTo("rejected connection on client endpoint: remote-addr localhost/127.0.0.1:1, "
						+ "error: connection closed during the TLS handshake; 941 more were not reported");
			rejected.report(REMOTE, new ClosedChannelException());
			assertThat(log.messages().get(RejectedConnections.LINES_MAX + 1)).endsWith("TLS handshake");
		}
	}

	@Test
	void aReasonIsOneShortLineWithoutWhatTheClientSent() {
		assertThat(RejectedConnections.reason(new DecoderException(new NotSslRecordException("50415353"))))
			.isEqualTo("first record does not look like a TLS handshake");
		assertThat(RejectedConnections.reason(new IllegalStateException("password")))
			.isEqualTo("IllegalStateException");
		SSLHandshakeException failure = new SSLHandshakeException("bad\r\npath");
		failure.initCause(new CertificateException("late " + "x".repeat(1_000)));
		assertThat(RejectedConnections.reason(new DecoderException(failure))).startsWith("bad path: late xxx")
			.hasSizeLessThan(210);
	}

}
