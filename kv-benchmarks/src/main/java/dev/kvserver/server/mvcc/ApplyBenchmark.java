package dev.kvserver.server.mvcc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.apply.AlarmStore;
import dev.kvserver.server.apply.ApplyLoop;
import dev.kvserver.server.apply.Membership;
import dev.kvserver.server.apply.ServerState;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.LogEntry;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.RocksOptions;
import dev.kvserver.server.storage.RocksStorage;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

import static java.util.Objects.requireNonNull;

/**
 * Committed requests in, answers out, on a store of a million keys with values of 256
 * bytes: all that a server does with a request but the network and the log.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx3g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ApplyBenchmark {

	private static final int BATCH = 100;

	private static final int VALUE_BYTES = 256;

	/** Where the store keeps its bytes. */
	@Param({ "memory", "rocks" })
	public String storage = "memory";

	/** Room for cached values: all of them, or none. */
	@Param({ "1000000000", "0" })
	public long valueCacheBytes;

	private final SplittableRandom random = new SplittableRandom(1);

	private final Answered answered = new Answered();

	private @Nullable Path directory;

	private @Nullable Storage opened;

	private @Nullable MvccStore store;

	private @Nullable ApplyLoop loop;

	private long index;

	/**
	 * Fills the store.
	 * @throws IOException if there is no place for it
	 */
	@Setup
	public void fill() throws IOException {
		this.directory = Files.createTempDirectory("apply-benchmark");
		Storage made = this.storage.equals("memory") ? new MemoryStorage()
				: RocksStorage.open(this.directory, RocksOptions.DEFAULTS);
		this.opened = made;
		this.store = MvccStore.open(made, new MvccOptions(this.valueCacheBytes, 1_000));
		ServerState state = new ServerState(this.store, new Lessor(2), AlarmStore.load(made),
				Membership.load(made, 1, List.of()), new AuthStore(AuthOptions.DEFAULTS.tokenProvider(() -> 0)));
		this.loop = new ApplyLoop(state, 1, 1);
		for (int i = 0; i < BenchmarkKeys.COUNT; i += BATCH) {
			List<LogEntry> batch = new ArrayList<>();
			for (int k = i; k < i + BATCH; k++) {
				batch.add(entry(put(BenchmarkKeys.scattered(k))));
			}
			this.loop.apply(batch);
		}
	}

	/**
	 * Removes the store.
	 * @throws IOException if that fails
	 */
	@TearDown
	public void remove() throws IOException {
		requireNonNull(this.opened).close();
		try (Stream<Path> files = Files.walk(requireNonNull(this.directory))) {
			files.sorted(Comparator.reverseOrder()).forEach((file) -> {
				try {
					Files.delete(file);
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			});
		}
	}

	private LogEntry entry(InternalRaftRequest.Builder request) {
		try {
			// As from the network: every request with arrays of its own.
			InternalRaftRequest parsed = InternalRaftRequest.parseFrom(request.build().toByteArray());
			return new LogEntry(++this.index, 1, parsed, this.answered);
		}
		catch (InvalidProtocolBufferException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private InternalRaftRequest.Builder put(int i) {
		return InternalRaftRequest.newBuilder().setPut(putOf(i));
	}

	private PutRequest putOf(int i) {
		byte[] value = new byte[VALUE_BYTES];
		value[0] = (byte) i;
		return PutRequest.newBuilder().setKey(Bytes.wrap(BenchmarkKeys.key(i))).setValue(Bytes.wrap(value)).build();
	}

	/** Applies a hundred puts of existing keys as one batch. */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public void puts() {
		List<LogEntry> batch = new ArrayList<>(BATCH);
		for (int i = 0; i < BATCH; i++) {
			batch.add(entry(put(this.random.nextInt(BenchmarkKeys.COUNT))));
		}
		requireNonNull(this.loop).apply(batch);
	}

	/**
	 * Only makes the hundred puts: to be taken off the others.
	 * @return the puts
	 */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public Object requests() {
		List<LogEntry> batch = new ArrayList<>(BATCH);
		for (int i = 0; i < BATCH; i++) {
			batch.add(entry(put(this.random.nextInt(BenchmarkKeys.COUNT))));
		}
		return batch;
	}

	/** Applies a hundred txns as Kubernetes updates an object. */
	@Benchmark
	@OperationsPerInvocation(BATCH)
	public void txns() {
		StoreView view = requireNonNull(this.store).view();
		List<LogEntry> batch = new ArrayList<>(BATCH);
		for (int i = 0; i < BATCH; i++) {
			PutRequest put = putOf(this.random.nextInt(BenchmarkKeys.COUNT));
			ByteString key = put.getKey();
			KeyIndex before = requireNonNull(view.live(Bytes.of(key)));
			TxnRequest txn = TxnRequest.newBuilder()
				.addCompare(Compare.newBuilder()
					.setKey(key)
					.setTarget(Compare.CompareTarget.MOD)
					.setModRevision(before.modRevision()))
				.addSuccess(RequestOp.newBuilder().setRequestPut(put))
				.addFailure(RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(key)))
				.build();
			batch.add(entry(InternalRaftRequest.newBuilder().setTxn(txn)));
		}
		requireNonNull(this.loop).apply(batch);
	}

	/**
	 * Reads one key.
	 * @return the answer
	 */
	@Benchmark
	public RangeResponse get() {
		ByteString key = Bytes.wrap(BenchmarkKeys.key(this.random.nextInt(BenchmarkKeys.COUNT)));
		return requireNonNull(this.store).range(RangeRequest.newBuilder().setKey(key).build()).build();
	}

	/**
	 * Reads a thousand keys.
	 * @return the answer
	 */
	@Benchmark
	public RangeResponse range1000() {
		return requireNonNull(this.store).range(all().setLimit(1_000).build()).build();
	}

	/**
	 * Counts all keys from one on.
	 * @return the answer
	 */
	@Benchmark
	public RangeResponse count() {
		return requireNonNull(this.store).range(all().setCountOnly(true).build()).build();
	}

	private RangeRequest.Builder all() {
		ByteString key = Bytes.wrap(BenchmarkKeys.key(this.random.nextInt(BenchmarkKeys.COUNT)));
		return RangeRequest.newBuilder().setKey(key).setRangeEnd(ByteString.copyFrom(new byte[1]));
	}

	/** Takes answers and forgets them. */
	private static final class Answered implements Completion {

		@Override
		public void done(Message response) {
			// The answer has been built, as it must be.
		}

		@Override
		public void failed(Throwable failure) {
			throw new IllegalStateException(failure);
		}

	}

}
