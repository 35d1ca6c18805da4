package dev.kvserver.server.mvcc;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

import dev.kvserver.server.storage.SimulatedCrash;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.SimulatedStorage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A checkpoint is used where it can be, and never changes an answer: the store that is
 * opened with it equals the one that reads all of its history.
 */
class CheckpointTests {

	private static final Path DIRECTORY = Path.of("/data");

	private static final Path FILE = DIRECTORY.resolve("index");

	private static final int MIN = 10;

	private final Deque<Runnable> jobs = new ArrayDeque<>();

	private SimulatedDisk disk = new SimulatedDisk();

	private SimulatedStorage storage = new SimulatedStorage();

	private MvccStore store = MvccStore.open(this.storage, new MvccOptions(0, 100));

	@BeforeEach
	void openStore() {
		this.disk.createDirectories(DIRECTORY);
		this.store = open();
	}

	private MvccStore open() {
		return MvccStore.open(this.storage, new MvccOptions(0, 100), this.jobs::add,
				new CheckpointFile(this.disk, FILE, MIN));
	}

	@Test
	void isWrittenOnceEnoughHasChanged() {
		putKeys(MIN - 1);
		assertThat(this.jobs).isEmpty();
		putKeys(1);
		assertThat(this.jobs).hasSize(1);
		putKeys(MIN);
		assertThat(this.jobs).as("while one is being written").hasSize(1);
		runJobs();
		assertThat(exists()).isTrue();
		putKeys(1);
		assertThat(this.jobs).hasSize(1);
	}

	/** Large transactions make few revisions, and just as much to read at a start. */
	@Test
	void everyChangeOfATransactionCounts() {
		WriteTxn txn = this.store.begin();
		for (int i = 0; i < MIN; i++) {
			txn.put(name(i), new byte[1], 0);
		}
		txn.end();
		commit();
		assertThat(this.store.revision()).isEqualTo(2);
		assertThat(this.jobs).hasSize(1);
	}

	@Test
	void aStoreThatHadNoneGetsOneSoon() {
		putKeys(MIN);
		this.jobs.clear();
		reopen();
		put(1, 0);
		assertThat(this.jobs).hasSize(1);
	}

	@Test
	void aCompactionBelowItLeavesItUseful() {
		putKeys(2 * MIN);
		runJobs();
		this.store.compact(5, null);
		commit();
		runJobs();
		int calls = this.disk.calls();
		finishCompaction();
		runJobs();
		assertThat(this.disk.calls()).isEqualTo(calls);
		reopen();
		assertThat(isUsed()).isTrue();
	}

	@Test
	void isWrittenAtTheEnd() {
		putKeys(MIN);
		this.jobs.clear();
		this.store.close();
		assertThat(exists()).isTrue();
		assertThat(this.storage.unflushedCount()).isZero();
		reopen();
		assertThat(isUsed()).isTrue();
	}

	@Test
	void isNotWrittenForAFewKeys() {
		putKeys(MIN / 2 - 1);
		this.store.close();
		assertThat(exists()).isFalse();
	}

	@Test
	void isNotWrittenAgainAtTheEndIfNothingHasChanged() {
		putKeys(MIN);
		runJobs();
		int calls = this.disk.calls();
		this.store.close();
		assertThat(this.disk.calls()).isEqualTo(calls);
	}

	@Test
	void isNotWrittenAgainAtTheEndForAFewChanges() {
		putKeys(MIN);
		runJobs();
		putKeys(MIN - 1);
		this.jobs.clear();
		int calls = this.disk.calls();
		this.store.close();
		assertThat(this.disk.calls()).isEqualTo(calls);
	}

	@Test
	void whatCameAfterItIsReadFromTheStore() {
		putKeys(MIN);
		runJobs();
		putKeys(3);
		delete(2);
		put(5, 7);
		reopen();
		assertThat(isUsed()).isTrue();
	}

	@Test
	void aCompactionAboveItMakesItUselessAndCallsForANewOne() {
		putKeys(2 * MIN);
		runJobs();
		putUntilDue();
		runJobs();
		delete(1);
		this.store.compact(this.store.revision(), null);
		commit();
		// The hash, the removal, and only then the checkpoint.
		this.jobs.remove().run();
		finishCompaction();
		SimulatedDisk before = this.disk.copy();
		runJobs();
		reopen();
		assertThat(isUsed()).isTrue();
		this.disk = before;
		reopen();
		assertThat(isUsed()).isFalse();
		assertThat(exists()).as("the useless one").isFalse();
	}

	@Test
	void compactionsSinceAreMadeUpFor() {
		putKeys(MIN);
		for (int i = 0; i < 5; i++) {
			put(1, i);
		}
		delete(2);
		this.store.compact(this.store.revision() - 2, null);
		this.store.batch().clear();
		runJobs();
		put(3, 1);
		runJobs();
		this.store.close();
		reopen();
		this.store.compact(this.store.revision() - 1, null);
		commit();
		runJobs();
		finishCompaction();
		reopen();
		assertThat(isUsed()).isTrue();
	}

	@Test
	void aStoreThatHasLostItsLastChangesDoesNotUseIt() {
		putKeys(MIN);
		runJobs();
		SimulatedDisk written = this.disk.copy();
		this.storage = new SimulatedStorage();
		this.store = open();
		putKeys(MIN - 1);
		this.disk = written;
		reopen();
		assertThat(isUsed()).isFalse();
		assertThat(exists()).isFalse();
	}

	/** As when the store is put back from a backup and the checkpoint stays. */
	@Test
	void aStoreThatDoesNotKnowOfItsCompactionDoesNotUseIt() {
		putKeys(2 * MIN);
		delete(1);
		SimulatedStorage before = this.storage.crash(this.storage.unflushedCount());
		this.store.compact(this.store.revision(), null);
		commit();
		runJobs();
		finishCompaction();
		runJobs();
		reopen();
		assertThat(isUsed()).isTrue();
		this.storage = before;
		reopen();
		assertThat(isUsed()).isFalse();
	}

	@Test
	void aStoreWithAnotherHistoryDoesNotUseIt() {
		putKeys(MIN);
		runJobs();
		SimulatedDisk written = this.disk.copy();
		this.storage = new SimulatedStorage();
		this.store = open();
		putKeys(MIN - 1);
		put(500, 0);
		putKeys(1);
		this.disk = written;
		reopen();
		assertThat(isUsed()).isFalse();
	}

	@Test
	void anyDamageIsNoticed() {
		putKeys(MIN);
		runJobs();
		byte[] content = this.disk.content(FILE);
		for (int i = 0; i < content.length; i++) {
			byte[] damaged = content.clone();
			damaged[i] ^= (byte) (1 << i % 8);
			this.disk.damage(FILE, damaged);
			reopen();
			assertThat(isUsed()).as("byte %s", i).isFalse();
			this.disk.damage(FILE, Arrays.copyOf(content, i));
			reopen();
			assertThat(isUsed()).as("length %s", i).isFalse();
		}
		this.disk.damage(FILE, Arrays.copyOf(content, content.length + 1));
		reopen();
		assertThat(isUsed()).isFalse();
		this.disk.damage(FILE, content);
		reopen();
		assertThat(isUsed()).isTrue();
	}

	@Test
	void theMachineMayGoOffAtAnyCallWhileItIsWritten() {
		putKeys(MIN);
		runJobs();
		SimulatedDisk first = this.disk;
		int crashes = 0;
		for (int call = 1; crashes == call - 1; call++) {
			this.disk = first.copy();
			reopen();
			putKeys(MIN);
			this.disk.crashAt(call);
			try {
				runJobs();
			}
			catch (SimulatedCrash ex) {
				crashes++;
			}
			this.disk = this.disk.afterPowerLoss(new SplittableRandom(call));
			reopen();
			assertThat(isUsed()).as("the old or the new one").isTrue();
		}
		assertThat(crashes).isGreaterThan(5);
	}

	@Test
	void aDiskThatFailsCostsTheCheckpointOnly() {
		putKeys(MIN);
		int calls = this.disk.calls();
		runJobs();
		int needed = this.disk.calls() - calls;
		for (int call = 1; call <= needed; call++) {
			this.disk.failAt(this.disk.calls() + call);
			putUntilDue();
			runJobs();
			putKeys(1);
			assertThat(this.jobs).as("not tried again at once").isEmpty();
			reopen();
		}
	}

	@Test
	void writingStopsWhenTheStoreIsClosed() {
		putKeys(2 * CheckpointBlock.FULL_BYTES / 300);
		this.store.close();
		assertThat(exists()).isTrue();
		this.disk.delete(FILE);
		runJobs();
		assertThat(exists()).isFalse();
	}

	private void putKeys(int count) {
		for (int i = 0; i < count; i++) {
			put((int) this.store.revision(), 0);
		}
	}

	private void putUntilDue() {
		do {
			putKeys(1);
		}
		while (this.jobs.isEmpty());
	}

	private void put(int key, long lease) {
		WriteTxn txn = this.store.begin();
		txn.put(name(key), new byte[300], lease);
		txn.end();
		commit();
	}

	private void delete(int key) {
		WriteTxn txn = this.store.begin();
		txn.delete(Objects.requireNonNull(txn.find(name(key))));
		txn.end();
		commit();
	}

	private static byte[] name(int key) {
		return "key%07d/%0300d".formatted(key, key).getBytes(StandardCharsets.UTF_8);
	}

	private void commit() {
		this.store.commit(this.store.view().appliedIndex() + 1, 1);
	}

	private void finishCompaction() {
		while (this.store.isCompacting()) {
			this.store.compactSome();
			commit();
		}
	}

	private void runJobs() {
		while (!this.jobs.isEmpty()) {
			this.jobs.remove().run();
		}
	}

	private boolean exists() {
		return this.disk.list(DIRECTORY).contains(FILE);
	}

	/** Opens again what is there, and compares it with what the history alone gives. */
	private void reopen() {
		this.jobs.clear();
		this.storage = this.storage.crash(this.storage.unflushedCount());
		this.store = open();
		MvccStore whole = MvccStore.open(this.storage, new MvccOptions(0, 100));
		long compacted = whole.view().compactRevision();
		assertThat(this.store.view().revision()).isEqualTo(whole.view().revision());
		assertThat(this.store.view().compactRevision()).isEqualTo(compacted);
		List<String> expected = IndexDump.compacted(whole.view().index(), compacted);
		assertThat(IndexDump.compacted(this.store.view().index(), compacted)).isEqualTo(expected);
		TreeChecks.check(this.store.view().index());
	}

	private boolean isUsed() {
		return this.store.checkpointRevision() > 0;
	}

}
