package dev.kvserver.server.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.benchmarks.Directories;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.loop.LoopThread;
import dev.kvserver.server.storage.FileDisk;
import dev.kvserver.server.storage.MemoryStorage;
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
import org.openjdk.jmh.annotations.Warmup;

import static java.util.Objects.requireNonNull;

/**
 * One append: puts with keys of 64 and values of 256 bytes, encoded, written and synced
 * together. Old segments go and new ones come on a thread of their own, as in a server.
 */
@State(Scope.Benchmark)
@BenchmarkMode({ Mode.AverageTime, Mode.SampleTime })
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LogBenchmark {

	private static final int REQUESTS = 1_000;

	/** How many puts an append has. */
	@Param({ "1", "20", "100" })
	public int batch = 1;

	private final List<InternalRaftRequest> requests = new ArrayList<>();

	private final FrameWriter writer = new FrameWriter();

	private int next;

	private @Nullable Path directory;

	private @Nullable SegmentLog log;

	private @Nullable LoopThread retention;

	/**
	 * Opens a log on the real disk.
	 */
	@Setup
	public void open() {
		for (int i = 0; i < REQUESTS; i++) {
			PutRequest put = PutRequest.newBuilder()
				.setKey(ByteString.copyFromUtf8("%064d".formatted(i)))
				.setValue(ByteString.copyFrom(new byte[256]))
				.build();
			InternalRaftRequest request = InternalRaftRequest.newBuilder().setPut(put).build();
			// As in a server, where the proposing thread asks for the size first.
			if (request.getSerializedSize() > 0) {
				this.requests.add(request);
			}
		}
		this.directory = Directories.create("log-benchmark");
		SegmentLog opened = SegmentLog.open(new FileDisk(), this.directory, SegmentLog.SEGMENT_BYTES_DEFAULT, true);
		this.log = opened;
		this.retention = new LoopThread("retention", new LogRetention(opened, new MemoryStorage(), opened::lastIndex,
				LogRetention.FLUSH_AFTER_BYTES_DEFAULT), (failure) -> {
					throw new IllegalStateException(failure);
				});
		this.retention.start();
	}

	/**
	 * Removes the log.
	 */
	@TearDown
	public void close() {
		requireNonNull(this.retention).close();
		requireNonNull(this.log).close();
		Directories.delete(requireNonNull(this.directory));
	}

	private List<LogEntry> entries(long index) {
		List<LogEntry> entries = new ArrayList<>();
		for (int i = 0; i < this.batch; i++) {
			this.next = (this.next + 1) % REQUESTS;
			entries.add(new LogEntry(index + i, 2, this.requests.get(this.next), null));
		}
		return entries;
	}

	/** Appends and syncs. */
	@Benchmark
	public void append() {
		SegmentLog appended = requireNonNull(this.log);
		appended.append(entries(appended.lastIndex() + 1));
	}

	/**
	 * All of that but the disk.
	 * @return what would be written
	 */
	@Benchmark
	public Object encode() {
		List<LogEntry> entries = entries(1);
		Frame frame = this.writer.entries(1, Frame.SECTOR, 1, entries, (int) FrameWriter.bodyLength(entries));
		return this.writer.bytes(frame);
	}

}
