package dev.kvserver.server.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.benchmarks.Directories;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.loop.LoopThread;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.FileDisk;
import dev.kvserver.server.storage.RocksOptions;
import dev.kvserver.server.storage.RocksStorage;
import dev.kvserver.server.storage.WriteBatch;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

import static java.util.Objects.requireNonNull;

/**
 * Puts through the log into RocksDB, answered when they are durable and stored: what of a
 * server remains without network and revisions. Two threads propose; the log thread also
 * stores; flushes and segments are the business of a third.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 4)
@Threads(2)
public class DurablePutBenchmark {

	private static final byte[] APPLIED = { 'a' };

	/** How many puts are under way at a time. */
	@Param({ "1", "256" })
	public int outstanding = 1;

	private final byte[] value = new byte[256];

	private @Nullable Path directory;

	private @Nullable RocksStorage storage;

	private @Nullable SegmentLog log;

	private @Nullable LogLoop loop;

	private @Nullable LoopThread writer;

	private @Nullable LoopThread retention;

	private @Nullable Semaphore free;

	private volatile long stored;

	/**
	 * Starts everything on the real disk.
	 */
	@Setup
	public void open() {
		new SplittableRandom(1).nextBytes(this.value);
		this.free = new Semaphore(this.outstanding);
		Path parent = Directories.create("durable-put-benchmark");
		this.directory = parent;
		RocksStorage openedStorage = RocksStorage.open(parent.resolve("db"), RocksOptions.DEFAULTS);
		this.storage = openedStorage;
		Path logDirectory = parent.resolve("log");
		FileDisk disk = new FileDisk();
		disk.createDirectories(logDirectory);
		SegmentLog opened = SegmentLog.open(disk, logDirectory, SegmentLog.SEGMENT_BYTES_DEFAULT, true);
		this.log = opened;
		LogLoop started = new LogLoop(opened, new Store(openedStorage), () -> this.stored, LogLimits.DEFAULTS);
		this.loop = started;
		this.writer = new LoopThread("log", started, DurablePutBenchmark::fail);
		started.onProposed(this.writer::wakeUp);
		this.retention = new LoopThread("retention",
				new LogRetention(opened, openedStorage, () -> this.stored, LogRetention.FLUSH_AFTER_BYTES_DEFAULT),
				DurablePutBenchmark::fail);
		this.writer.start();
		this.retention.start();
	}

	private static void fail(Throwable failure) {
		throw new IllegalStateException(failure);
	}

	/**
	 * Removes it.
	 */
	@TearDown
	public void close() {
		requireNonNull(this.writer).close();
		requireNonNull(this.retention).close();
		requireNonNull(this.log).close();
		requireNonNull(this.storage).close();
		Directories.delete(requireNonNull(this.directory));
	}

	/**
	 * Proposes a put as soon as one of those under way is done.
	 */
	@Benchmark
	public void put() {
		Semaphore permits = requireNonNull(this.free);
		permits.acquireUninterruptibly();
		PutRequest put = PutRequest.newBuilder()
			.setKey(ByteString.copyFrom(new byte[64]))
			.setValue(Bytes.wrap(this.value))
			.build();
		requireNonNull(this.loop).propose(InternalRaftRequest.newBuilder().setPut(put).build(), new Completion() {

			@Override
			public void done(Message response) {
				permits.release();
			}

			@Override
			public void failed(Throwable failure) {
				fail(failure);
			}

		});
	}

	/** Stores each put under its index, and the last index, in one batch. */
	private final class Store implements CommitSink {

		private final RocksStorage target;

		private final WriteBatch writes;

		Store(RocksStorage target) {
			this.target = target;
			this.writes = target.newBatch();
		}

		@Override
		public void committed(List<LogEntry> batch) {
			this.writes.clear();
			for (int i = 0; i < batch.size(); i++) {
				LogEntry entry = batch.get(i);
				byte[] key = ByteBuffer.allocate(17).putLong(entry.index()).put((byte) '_').array();
				this.writes.put(Bucket.KEY, key, entry.request().getPut().toByteArray());
			}
			long last = batch.get(batch.size() - 1).index();
			this.writes.put(Bucket.META, APPLIED, ByteBuffer.allocate(8).putLong(last).array());
			this.target.write(this.writes);
			DurablePutBenchmark.this.stored = last;
			for (int i = 0; i < batch.size(); i++) {
				requireNonNull(batch.get(i).completion()).done(PutResponse.getDefaultInstance());
			}
		}

	}

}
