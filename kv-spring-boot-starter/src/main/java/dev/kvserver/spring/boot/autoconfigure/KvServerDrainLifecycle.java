package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.KvServer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Drains the server when web servers shut down gracefully, and beside them: clients are
 * told to go elsewhere, open streams end, calls under way may finish. The port stays open
 * and the store usable until the beans that need them have stopped.
 */
final class KvServerDrainLifecycle implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(KvServerDrainLifecycle.class);

	private final KvServer server;

	private final ApplicationContext context;

	private final int phase;

	private volatile boolean running;

	/** Whether readiness was taken away by us, and is ours to give back. */
	private volatile boolean drained;

	KvServerDrainLifecycle(KvServer server, ApplicationContext context, int phase) {
		this.server = server;
		this.context = context;
		this.phase = phase;
	}

	@Override
	public void start() {
		this.running = true;
		if (this.drained) {
			this.drained = false;
			AvailabilityChangeEvent.publish(this.context, ReadinessState.ACCEPTING_TRAFFIC);
		}
	}

	@Override
	public void stop() {
		if (this.running) {
			this.running = false;
			this.drained = true;
			AvailabilityChangeEvent.publish(this.context, ReadinessState.REFUSING_TRAFFIC);
			drain();
		}
	}

	private void drain() {
		try {
			this.server.drain();
		}
		catch (InterruptedException ex) {
			// Somebody is in a hurry: the rest of the calls is cut off by the close.
			Thread.currentThread().interrupt();
		}
	}

	/** Drains beside the web servers, which drain in the same phase. */
	@Override
	public void stop(Runnable callback) {
		Thread thread = new Thread(() -> stopAndReport(callback), "kv-server-drain");
		thread.setDaemon(true);
		thread.start();
	}

	private void stopAndReport(Runnable callback) {
		try {
			stop();
		}
		catch (RuntimeException ex) {
			logger.warn("The KV server could not be drained, its clients are cut off", ex);
		}
		finally {
			callback.run();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

}
