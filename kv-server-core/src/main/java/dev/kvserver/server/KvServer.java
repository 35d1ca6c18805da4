package dev.kvserver.server;

import java.net.InetSocketAddress;
import java.util.List;

import dev.kvserver.server.metrics.MetricFamily;
import dev.kvserver.server.port.PortOptions;
import org.jspecify.annotations.Nullable;

/**
 * An etcd server in this JVM. {@link #open} starts the engine, which is usable through
 * {@link #store()} from then on; {@link #listen()} opens the port, {@link #drain()} and
 * {@link #stopListening()} close it, and it may be opened again; {@link #close()} ends
 * everything.
 * <p>
 * Thread-safe. All methods but the accessors block; none must be called on one of the
 * server's own threads.
 */
public final class KvServer implements AutoCloseable {

	private final KvServerOptions options;

	private final Engine engine;

	private final Object lock = new Object();

	private volatile @Nullable Listener listener;

	/** Where it listened last: a port picked once is kept. Guarded by the lock. */
	private @Nullable PortOptions bound;

	/** Guarded by the lock. */
	private boolean closed;

	private KvServer(KvServerOptions options, DiskUse disk) {
		this.options = options;
		this.engine = Engine.open(options, disk);
	}

	/**
	 * Opens storage and log, replays what a crash has left, and starts the engine.
	 * @param options the options
	 * @return the server, not listening yet
	 * @throws dev.kvserver.server.storage.StorageException if the data directory cannot
	 * be used; the message says why and what to do
	 */
	public static KvServer open(KvServerOptions options) {
		return open(options, DiskUse.DEFAULT);
	}

	static KvServer open(KvServerOptions options, DiskUse disk) {
		return new KvServer(options, disk);
	}

	/**
	 * The store, without network.
	 * @return the store, usable until {@link #close()}
	 */
	public KvStore store() {
		return this.engine.embedded();
	}

	/**
	 * Opens the port. When it was open before, a port number that had been picked is used
	 * again.
	 * @throws dev.kvserver.server.port.PortException if it cannot; the message names the
	 * address
	 * @throws IllegalStateException if the port is open or the server is closed
	 */
	public void listen() {
		listen(KvServerExtensions.NONE);
	}

	/**
	 * Opens the port, as {@link #listen()} does, with something of the application's own
	 * on it.
	 * @param added what is added
	 * @throws IllegalArgumentException if two services or handlers get in each other's
	 * way
	 */
	public void listen(KvServerExtensions added) {
		synchronized (this.lock) {
			if (this.closed || this.listener != null) {
				throw new IllegalStateException(this.closed ? "The server is closed" : "The port is open");
			}
			Listener next = new Listener(this.options, portOptions(), this.engine, added);
			try {
				next.open();
			}
			catch (RuntimeException ex) {
				next.close();
				throw ex;
			}
			this.bound = portOptions().withAddresses(resolved(next.addresses()), resolved(next.httpAddresses()),
					resolved(next.metricsAddresses()));
			this.listener = next;
		}
	}

	private PortOptions portOptions() {
		PortOptions before = this.bound;
		return (before != null) ? before : this.options.port();
	}

	private static List<InetSocketAddress> resolved(List<InetSocketAddress> addresses) {
		return addresses.stream()
			.map((address) -> new InetSocketAddress(address.getHostString(), address.getPort()))
			.toList();
	}

	/**
	 * Where the server listens.
	 * @return the addresses as configured, with real port numbers; unresolved
	 * @throws IllegalStateException if the port is not open
	 */
	public List<InetSocketAddress> addresses() {
		return listener().addresses();
	}

	/**
	 * Where the server serves HTTP/1 only.
	 * @return the addresses as configured, with real port numbers; unresolved
	 * @throws IllegalStateException if the port is not open
	 */
	public List<InetSocketAddress> httpAddresses() {
		return listener().httpAddresses();
	}

	/**
	 * Where the server serves metrics and health only.
	 * @return the addresses as configured, with real port numbers; unresolved
	 * @throws IllegalStateException if the port is not open
	 */
	public List<InetSocketAddress> metricsAddresses() {
		return listener().metricsAddresses();
	}

	private Listener listener() {
		Listener current = this.listener;
		if (current == null) {
			throw new IllegalStateException("The port is not open");
		}
		return current;
	}

	/**
	 * The port number of the first address.
	 * @return from 1 to 65,535
	 * @throws IllegalStateException if the port is not open
	 */
	public int port() {
		return addresses().get(0).getPort();
	}

	/**
	 * Whether the server can serve.
	 * @return up, or down and why
	 */
	public KvServerHealth health() {
		return this.engine.health();
	}

	/**
	 * Loads keys, certificates and whom to trust again, for the connections that come;
	 * those that are open keep what they began with. Does nothing if the port is not open
	 * or speaks no TLS: a port that opens loads them anyway.
	 * @throws dev.kvserver.server.tls.TlsException if they cannot be used; those in use
	 * stay
	 */
	public void reloadTls() {
		Listener current = this.listener;
		if (current != null) {
			current.reloadTls();
		}
	}

	/**
	 * What the server counts and knows about itself, under etcd's names, as
	 * {@code /metrics} tells it. Any thread; may read the disk.
	 * @return all families by name, none when the server is closed
	 */
	public List<MetricFamily> metrics() {
		synchronized (this.lock) {
			return this.closed ? List.of() : this.engine.metrics().registry().gather();
		}
	}

	/**
	 * Prepares to close the port: clients are told to go elsewhere, no call is begun,
	 * streams end with {@code etcdserver: server stopped}, unary calls may finish within
	 * the grace period. Does nothing if the port is not open.
	 * @throws InterruptedException if interrupted while waiting
	 */
	public void drain() throws InterruptedException {
		Listener current = this.listener;
		if (current != null) {
			current.drain(this.options.shutdownGrace());
		}
	}

	/**
	 * Closes the port and whatever is open on it. Does nothing if it is not open.
	 */
	public void stopListening() {
		synchronized (this.lock) {
			Listener current = this.listener;
			this.listener = null;
			if (current != null) {
				current.close();
			}
		}
	}

	/**
	 * Closes the port and the engine. Closing again does nothing.
	 */
	@Override
	public void close() {
		synchronized (this.lock) {
			if (this.closed) {
				return;
			}
			stopListening();
			this.closed = true;
			this.engine.close();
		}
	}

}
