package dev.kvserver.benchmarks.load.workload;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import dev.kvserver.benchmarks.load.http2.Connection;
import dev.kvserver.benchmarks.load.http2.LoadLoop;
import dev.kvserver.benchmarks.load.wire.KeyValueSink;
import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Reply;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;

/**
 * One run of one workload: the thread of the loop with everything on it, as seen by the
 * thread that waits for the result.
 */
final class Bench implements AutoCloseable {

	private static final int CALL_TIMEOUT_SECONDS = 120;

	private final LoadOptions options;

	private final InetSocketAddress endpoint;

	private final LoadLoop loop = new LoadLoop();

	private final Tally tally = new Tally();

	private final Worker worker;

	private final Keyspace keys;

	private final Connection control;

	Bench(LoadOptions options, InetSocketAddress endpoint, long serverPid) {
		this.options = options;
		this.endpoint = endpoint;
		this.keys = new Keyspace(LoadOptions.PREFIX, options.keyBytes(), options.keys());
		this.worker = new Worker(this.loop, options, this.tally, serverPid);
		this.control = connectControl();
	}

	private Connection connectControl() {
		try {
			return this.loop.connect(this.endpoint);
		}
		catch (RuntimeException ex) {
			this.loop.close();
			throw ex;
		}
	}

	LoadOptions options() {
		return this.options;
	}

	LoadLoop loop() {
		return this.loop;
	}

	Worker worker() {
		return this.worker;
	}

	Tally tally() {
		return this.tally;
	}

	Keyspace keys() {
		return this.keys;
	}

	/** The connection for single calls. */
	Connection control() {
		return this.control;
	}

	/** Opens connections, spread over which so many operations can run at a time. */
	void connect(int connections, int streams) {
		List<Connection> opened = connections(connections);
		if (opened.get(0).streamsMax() < streams) {
			throw new SetupException("The server allows only " + opened.get(0).streamsMax()
					+ " calls at a time on a connection, not " + streams);
		}
		this.loop.call(() -> {
			this.worker.addSlots(opened, streams);
			return true;
		});
	}

	List<Connection> connections(int count) {
		List<Connection> opened = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			opened.add(this.loop.connect(this.endpoint));
		}
		return opened;
	}

	/** Runs a phase to its end. */
	void run(Phase phase) {
		CompletableFuture<Void> done = this.loop.call(() -> this.worker.run(phase));
		await(done, Long.MAX_VALUE);
	}

	/** Runs a phase before anything is measured: any error ends the run. */
	void prepare(Operation operation) {
		run(Phase.once(operation));
		LoadResult result = this.worker.result("");
		if (!result.isSound()) {
			throw new SetupException("While preparing: " + String.join("; ", result.problems()));
		}
	}

	/** Runs a phase whose writes are one revision each, and checks the revisions. */
	void measure(Phase phase) {
		long before = revision();
		run(phase);
		if (isServing()) {
			this.tally.checkRevisions(before, revision());
		}
	}

	/** Whether single calls still make sense: a run whose server is gone has failed. */
	boolean isServing() {
		return !this.tally.hasErrors() || isAnswering();
	}

	private boolean isAnswering() {
		try {
			return revision() > 0;
		}
		catch (SetupException ex) {
			return false;
		}
	}

	/** Makes one call and waits for its reply. */
	Reply call(Rpc rpc, Consumer<MessageWriter> request, KeyValueSink sink) {
		MessageWriter written = new MessageWriter();
		request.accept(written);
		CompletableFuture<Reply> reply = this.loop.call(() -> new ControlCall(rpc, sink).start(this.control, written));
		return await(reply);
	}

	/** Waits for something that does not take long. */
	<T> T await(CompletableFuture<T> result) {
		return await(result, CALL_TIMEOUT_SECONDS);
	}

	private static <T> T await(CompletableFuture<T> result, long seconds) {
		try {
			return result.get(seconds, TimeUnit.SECONDS);
		}
		catch (ExecutionException ex) {
			throw new SetupException(String.valueOf((ex.getCause() != null) ? ex.getCause().getMessage() : ex));
		}
		catch (TimeoutException ex) {
			throw new SetupException("No answer within " + seconds + " s");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new SetupException("Interrupted");
		}
	}

	/** The server's revision. */
	long revision() {
		return count(this.keys.first(), Keyspace.NO_END).revision();
	}

	/** How many keys of the set there are. */
	long countKeys(Keyspace set) {
		return count(set.first(), set.end()).count();
	}

	private Reply count(byte[] key, byte[] end) {
		return call(Rpc.RANGE, (out) -> Requests.range(out, key, end, 0, false, true), KeyValueSink.NONE);
	}

	/** Deletes every key of the set. */
	void clear(Keyspace set) {
		call(Rpc.DELETE_RANGE, (out) -> Requests.delete(out, set.first(), set.end()), KeyValueSink.NONE);
	}

	/** Reads the keys of a set in their order, in pages. */
	void scan(Keyspace set, boolean keysOnly, KeyValueSink sink) {
		KeyScan scan = new KeyScan(set, sink);
		while (scan.hasNext()) {
			scan.take(call(Rpc.RANGE, (out) -> scan.request(out, keysOnly), scan));
		}
	}

	/** Ends the run if exactly the keys of the set are not there. */
	void requireKeys() {
		long found = countKeys(this.keys);
		if (found != this.keys.keys()) {
			throw new SetupException(found + " keys where " + this.keys.keys() + " are needed: run preload first");
		}
	}

	@Override
	public void close() {
		this.loop.close();
	}

}
