package dev.kvserver.server.mvcc;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.server.storage.FileDisk;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.RocksOptions;
import dev.kvserver.server.storage.RocksStorage;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

/**
 * What can be measured only once in the life of a JVM: how long a store takes to open in
 * a cold one, and what it keeps in memory. A million keys of 64 bytes with values of 256.
 * <pre>
 * fill DIR      makes the store, with a checkpoint of the index
 * open DIR      opens it with the checkpoint
 * scan DIR      opens it by reading the whole history
 * memory DIR    opens it, then reads all values; "memory" alone does so without a disk
 * </pre>
 */
public final class StoreMeasures {

	private static final int VALUE_BYTES = 256;

	private static final int BATCH = 200;

	private static final long CACHE_BYTES = 1L << 30;

	private final @Nullable Path directory;

	private final Storage storage;

	private final @Nullable CheckpointFile checkpoint;

	private StoreMeasures(List<String> arguments, boolean checkpoint) {
		this.directory = (arguments.size() > 1) ? Path.of(arguments.get(1)).toAbsolutePath() : null;
		long start = System.nanoTime();
		this.storage = (this.directory != null) ? RocksStorage.open(this.directory.resolve("db"), RocksOptions.DEFAULTS)
				: new MemoryStorage();
		print("open storage", start);
		this.checkpoint = (checkpoint && this.directory != null) ? new CheckpointFile(new FileDisk(),
				this.directory.resolve("index"), CheckpointFile.CHANGES_MIN_DEFAULT) : null;
	}

	/**
	 * Measures.
	 * @param arguments what, and in which directory
	 * @throws Exception if that fails
	 */
	public static void main(String[] arguments) throws Exception {
		List<String> list = List.of(arguments);
		switch (list.get(0)) {
			case "fill" -> {
				Files.createDirectories(Path.of(list.get(1)));
				new StoreMeasures(list, true).fill();
			}
			case "open" -> new StoreMeasures(list, true).open();
			case "scan" -> new StoreMeasures(list, false).open();
			case "memory" -> new StoreMeasures(list, true).memory();
			default -> throw new IllegalArgumentException(list.get(0));
		}
	}

	private MvccStore openStore(long cacheBytes) {
		return MvccStore.open(this.storage, new MvccOptions(cacheBytes, 1_000), Runnable::run, this.checkpoint);
	}

	private static void put(MvccStore store) {
		for (int i = 0; i < BenchmarkKeys.COUNT; i++) {
			WriteTxn txn = store.begin();
			byte[] value = new byte[VALUE_BYTES];
			value[0] = (byte) i;
			txn.put(BenchmarkKeys.key(BenchmarkKeys.scattered(i)), value, 0);
			txn.end();
			if (i % BATCH == BATCH - 1) {
				store.commit(i, 1);
				store.takeEvents();
			}
		}
	}

	private void fill() throws Exception {
		MvccStore store = MvccStore.open(this.storage, new MvccOptions(0, 1_000));
		long start = System.nanoTime();
		put(store);
		print("put " + store.view().keyCount(), start);
		store = openStore(0);
		start = System.nanoTime();
		this.storage.flush();
		print("flush storage", start);
		start = System.nanoTime();
		store.close();
		print("write checkpoint", start);
		this.storage.close();
		if (this.checkpoint != null) {
			System.out.println("checkpoint bytes " + Files.size(this.checkpoint.path()));
		}
	}

	private void open() {
		long start = System.nanoTime();
		MvccStore store = openStore(0);
		print("open store with " + store.view().keyCount(), start);
		Instant started = ProcessHandle.current().info().startInstant().orElseThrow();
		System.out.println("since start of the JVM " + Duration.between(started, Instant.now()).toMillis() + " ms");
		this.storage.close();
	}

	private void memory() {
		MvccStore store = openStore(CACHE_BYTES);
		if (this.directory == null) {
			put(store);
		}
		else {
			printHeap("keys alone", store);
			ByteString from = ByteString.copyFrom(new byte[1]);
			RangeRequest all = RangeRequest.newBuilder().setKey(from).setRangeEnd(from).setLimit(1_000).build();
			RangeChunk chunk = store.chunk(store.view(), all);
			while (chunk.response().getMore()) {
				ByteString last = chunk.response().getKvs(chunk.response().getKvsCount() - 1).getKey();
				chunk = store.chunk(store.view(), all.toBuilder().setKey(last.concat(from)).build());
			}
		}
		printHeap("with values", store);
		this.storage.close();
	}

	private static void printHeap(String what, MvccStore store) {
		for (int i = 0; i < 3; i++) {
			System.gc();
		}
		long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
		System.out.println(
				what + " " + used / (1 << 20) + " MiB of heap, " + used / store.view().keyCount() + " bytes per key");
	}

	private static void print(String what, long startNanos) {
		System.out.println(what + " " + (System.nanoTime() - startNanos) / 1_000_000 + " ms");
	}

}
