package dev.kvserver.spring.boot.autoconfigure;

import java.util.function.Supplier;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerExtensions;

import org.springframework.context.SmartLifecycle;

/**
 * Opens the port first and closes it last. A context that is stopped and started again
 * gets the same port with the same data, since the engine lives as long as the context.
 * While the port is open its accepting thread keeps the JVM alive.
 */
final class KvServerStartStopLifecycle implements SmartLifecycle {

	private final KvServer server;

	private final LocalServerPort localPort;

	private final StartupReport report;

	private final int phase;

	private final Supplier<KvServerExtensions> extensions;

	private volatile boolean running;

	/**
	 * Does nothing yet.
	 * @param server the server
	 * @param extensions asked when the port is opened, and not before: what is added may
	 * need the server
	 * @param localPort told the port
	 * @param report told where the server listens
	 * @param phase when to start and stop
	 */
	KvServerStartStopLifecycle(KvServer server, Supplier<KvServerExtensions> extensions, LocalServerPort localPort,
			StartupReport report, int phase) {
		this.server = server;
		this.extensions = extensions;
		this.localPort = localPort;
		this.report = report;
		this.phase = phase;
	}

	@Override
	public void start() {
		this.server.listen(this.extensions.get());
		this.running = true;
		if (!this.server.addresses().isEmpty()) {
			this.localPort.publish(this.server.port());
		}
		this.report.log(this.server.addresses());
	}

	@Override
	public void stop() {
		this.running = false;
		this.server.stopListening();
	}

	@Override
	public boolean isRunning() {
		return this.running;
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

}
