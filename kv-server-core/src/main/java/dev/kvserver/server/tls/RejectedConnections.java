package dev.kvserver.server.tls;

import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.function.LongSupplier;

import javax.net.ssl.SSLException;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log of connections that were not let in, each in one line, as etcd does. Only
 * so many a minute: whoever can connect could fill a disk otherwise. Nothing that a
 * client sent is repeated, since it may have sent a password in clear. Thread-safe.
 */
public final class RejectedConnections {

	/** The most lines of one period. */
	static final int LINES_MAX = 60;

	/** How long a period is. */
	static final long PERIOD_NANOS = 60_000_000_000L;

	private static final Logger logger = LoggerFactory.getLogger(RejectedConnections.class);

	private static final int REASON_CHARS_MAX = 200;

	private static final int CAUSES_MAX = 20;

	private final LongSupplier nanos;

	private long periodNanos;

	private int lines;

	private long untold;

	/**
	 * Begins with no connection rejected.
	 * @param nanos the time, from anywhere
	 */
	public RejectedConnections(LongSupplier nanos) {
		this.nanos = nanos;
		this.periodNanos = nanos.getAsLong();
	}

	/**
	 * Reports one connection.
	 * @param remote who connected
	 * @param failure why it was rejected
	 */
	public void report(@Nullable SocketAddress remote, Throwable failure) {
		long before = admit();
		if (before == 0) {
			logger.warn("rejected connection on client endpoint: remote-addr {}, error: {}", remote, reason(failure));
		}
		else if (before > 0) {
			logger.warn("rejected connection on client endpoint: remote-addr {}, error: {}; {} more were not reported",
					remote, reason(failure), before);
		}
	}

	/** How many have not been told of, or -1 if this one is not to be told of either. */
	private synchronized long admit() {
		long now = this.nanos.getAsLong();
		if (now - this.periodNanos >= PERIOD_NANOS) {
			this.periodNanos = now;
			this.lines = 0;
		}
		if (this.lines >= LINES_MAX) {
			this.untold++;
			return -1;
		}
		this.lines++;
		long before = this.untold;
		this.untold = 0;
		return before;
	}

	/** The failure in one short line: what TLS says of it, and where it began. */
	static String reason(Throwable failure) {
		String first = "";
		String last = "";
		Throwable cause = failure;
		for (int i = 0; cause != null && i < CAUSES_MAX; i++) {
			String known = known(cause);
			if (known != null) {
				return known;
			}
			if (isTelling(cause)) {
				last = String.valueOf(cause.getMessage());
				first = first.isEmpty() ? last : first;
			}
			cause = cause.getCause();
		}
		if (first.isEmpty()) {
			return failure.getClass().getSimpleName();
		}
		return line(first.contains(last) ? first : first + ": " + last);
	}

	private static @Nullable String known(Throwable cause) {
		if (cause instanceof NotSslRecordException) {
			return "first record does not look like a TLS handshake";
		}
		if (cause instanceof SslHandshakeTimeoutException) {
			return "TLS handshake timeout";
		}
		return (cause instanceof ClosedChannelException) ? "connection closed during the TLS handshake" : null;
	}

	private static boolean isTelling(Throwable cause) {
		return cause.getMessage() != null && (cause instanceof SSLException || cause instanceof CertificateException);
	}

	private static String line(String text) {
		String line = text.replaceAll("\\p{Cntrl}+", " ");
		return (line.length() > REASON_CHARS_MAX) ? line.substring(0, REASON_CHARS_MAX) + "..." : line;
	}

}
