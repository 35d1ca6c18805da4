package dev.kvserver.spring.boot.autoconfigure;

import java.util.concurrent.CountDownLatch;

import dev.kvserver.server.KvServer;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * Opens the port first and closes it last. A context that is stopped and started again
 * gets the same port with the same data, since the engine lives as long as the context.
 */
final class KvServerStartStopLifecycle implements SmartLifecycle {

	private final KvServer server;

	private final LocalServerPort localPort;

	private final StartupReport report;

	private final int phase;

	/** Present while the port is open. */
	private volatile @Nullable CountDownLatch open;

	KvServerStartStopLifecycle(KvServer server, LocalServerPort localPort, StartupReport report, int phase) {
		this.server = server;
		this.localPort = localPort;
		this.report = report;
		this.phase = phase;
	}

	@Override
	public void start() {
		this.server.listen();
		CountDownLatch latch = new CountDownLatch(1);
		this.open = latch;
		keepAlive(latch);
		this.localPort.publish(this.server.port());
		this.report.log(this.server.addresses());
	}

	@Override
	public void stop() {
		CountDownLatch latch = this.open;
		if (latch != null) {
			this.open = null;
			this.server.stopListening();
			latch.countDown();
		}
	}

	@Override
	public boolean isRunning() {
		return this.open != null;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

	/**
	 * A port must stay open while the contexts of other tests run.
	 */
	@Override
	public boolean isPauseable() {
		return false;
	}

	/** All threads of the server are daemons; a JVM with no others would exit. */
	private static void keepAlive(CountDownLatch latch) {
		Thread thread = new Thread(() -> awaitUninterruptibly(latch), "kv-server-keep-alive");
		thread.setDaemon(false);
		thread.start();
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		boolean waiting = true;
		while (waiting) {
			try {
				latch.await();
				waiting = false;
			}
			catch (InterruptedException ex) {
				// Nobody has a reason to interrupt this thread: the latch alone decides.
			}
		}
	}

}
