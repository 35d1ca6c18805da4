package dev.kvserver.server.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/**
 * What one logger says, and does not print meanwhile.
 */
public final class CapturedLog implements AutoCloseable {

	private final Logger logger;

	private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();

	private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {

		@Override
		protected void append(ILoggingEvent event) {
			CapturedLog.this.events.add(event);
		}

	};

	private CapturedLog(Logger logger) {
		this.logger = logger;
		this.appender.start();
		logger.addAppender(this.appender);
		logger.setAdditive(false);
	}

	/** Listens to what is said about rejected connections. */
	public static CapturedLog ofRejections() {
		return new CapturedLog((Logger) LoggerFactory.getLogger(RejectedConnections.class));
	}

	public List<String> messages() {
		return this.events.stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

	public List<String> messages(String prefix) {
		return messages().stream().filter((message) -> message.startsWith(prefix)).toList();
	}

	/** Forgets what was said so far. */
	public void clear() {
		this.events.clear();
	}

	/** Whether nothing but warnings was said, each without a stack trace. */
	public boolean isPlain() {
		return new ArrayList<>(this.events).stream()
			.allMatch((event) -> event.getLevel() == Level.WARN && event.getThrowableProxy() == null);
	}

	@Override
	public void close() {
		this.logger.detachAppender(this.appender);
		this.logger.setAdditive(true);
	}

}
