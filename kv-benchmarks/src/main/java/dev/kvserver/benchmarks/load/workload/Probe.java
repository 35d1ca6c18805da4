package dev.kvserver.benchmarks.load.workload;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import dev.kvserver.benchmarks.load.http2.Connection;
import dev.kvserver.benchmarks.load.http2.ConnectionException;
import dev.kvserver.benchmarks.load.http2.LoadLoop;
import dev.kvserver.benchmarks.load.wire.KeyValueSink;
import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Reply;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;

/**
 * Waits for a server that is starting, by asking it again and again.
 */
public final class Probe implements AutoCloseable {

	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

	private static final int CALL_TIMEOUT_SECONDS = 5;

	private static final byte[] KEY = "load-ready".getBytes(StandardCharsets.US_ASCII);

	private final LoadLoop loop = new LoadLoop();

	private final InetSocketAddress endpoint;

	private final BooleanSupplier alive;

	private final Duration patience;

	/**
	 * Prepares to ask.
	 * @param endpoint where the server listens
	 * @param alive whether it still makes sense to wait
	 * @param patience how long to wait
	 */
	public Probe(InetSocketAddress endpoint, BooleanSupplier alive, Duration patience) {
		this.endpoint = endpoint;
		this.alive = alive;
		this.patience = patience;
	}

	/**
	 * Waits until a put is acknowledged.
	 * @return when that was, as of {@link System#nanoTime()}
	 * @throws SetupException if the server ended, or it took too long
	 */
	public long awaitPut() {
		MessageWriter request = new MessageWriter();
		Requests.put(request, KEY, KEY, 0);
		return await(Rpc.PUT, request, (found) -> {
		});
	}

	/**
	 * Waits until a linearizable get is answered, with the value that the preload wrote.
	 * @param options those of the preload
	 * @return when that was, as of {@link System#nanoTime()}
	 * @throws SetupException if the server ended, or it took too long, or the answer was
	 * wrong
	 */
	public long awaitKey(LoadOptions options) {
		int number = options.keys() / 2;
		Keyspace keys = new Keyspace(LoadOptions.PREFIX, options.keyBytes(), options.keys());
		byte[] value = new byte[options.valueBytes()];
		Mixing.fill(value, options.seed(), number);
		MessageWriter request = new MessageWriter();
		Requests.get(request, keys.key(number));
		boolean[] right = new boolean[1];
		long answered = await(Rpc.RANGE, request, (keyValue) -> right[0] = keyValue.valueEquals(value));
		if (!right[0]) {
			throw new SetupException("Key " + number + " does not have the value that was written");
		}
		return answered;
	}

	private long await(Rpc rpc, MessageWriter request, KeyValueSink sink) {
		long began = System.nanoTime();
		String last = "";
		while (System.nanoTime() - began < this.patience.toNanos() && this.alive.getAsBoolean()) {
			try {
				return ask(rpc, request, sink);
			}
			catch (ConnectionException | SetupException ex) {
				last = String.valueOf(ex.getMessage());
				LockSupport.parkNanos(PAUSE_NANOS);
			}
		}
		throw new SetupException(
				"The server " + (this.alive.getAsBoolean() ? "did not answer" : "ended") + ": " + last);
	}

	private long ask(Rpc rpc, MessageWriter request, KeyValueSink sink) {
		Connection connection = this.loop.connect(this.endpoint);
		try {
			Reply reply = this.loop.call(() -> new ControlCall(rpc, sink).start(connection, request))
				.get(CALL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
			long answered = System.nanoTime();
			if (reply.revision() <= 0) {
				throw new SetupException("an answer without a revision");
			}
			return answered;
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			throw new SetupException(String.valueOf(ex.getMessage()));
		}
		finally {
			this.loop.close(connection);
		}
	}

	@Override
	public void close() {
		this.loop.close();
	}

}
