package dev.kvserver.server.mvcc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;

import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What went wrong in the store once, or would be seen only by chance elsewhere. */
class MvccStoreTests {

	private static final int LIMIT = 10;

	private final Storage storage = new MemoryStorage();

	private MvccStore store = open(1 << 20);

	private MvccStore open(long valueCacheBytes) {
		return MvccStore.open(this.storage, new MvccOptions(valueCacheBytes, LIMIT));
	}

	@Test
	void previousOfASecondChangeInATxnIsTheStateBeforeTheTxn() {
		put("k", "1");
		WriteTxn txn = this.store.begin();
		txn.put(bytes("k"), bytes("2"), 0);
		txn.delete(Objects.requireNonNull(txn.find(bytes("k"))));
		txn.put(bytes("k"), bytes("3"), 0);
		txn.delete(Objects.requireNonNull(txn.find(bytes("k"))));
		txn.end();
		commit();
		assertThat(previousRevisions()).containsExactly(0L, 2L, 2L, 0L, 2L);
	}

	@Test
	void previousOfAKeyMadeByTheSameTxnIsAbsent() {
		WriteTxn txn = this.store.begin();
		txn.put(bytes("k"), bytes("1"), 0);
		txn.put(bytes("k"), bytes("2"), 0);
		txn.delete(Objects.requireNonNull(txn.find(bytes("k"))));
		txn.end();
		commit();
		assertThat(previousRevisions()).containsExactly(0L, 0L, 0L);
	}

	private List<Long> previousRevisions() {
		return this.store.takeEvents()
			.stream()
			.flatMap((batch) -> batch.events().stream())
			.map(StoreEvent::messageWithPrevious)
			.map(Event::getPrevKv)
			.map(KeyValue::getModRevision)
			.toList();
	}

	@Test
	void removalWaitsUntilReadersCanSeeTheCompaction() {
		put("k", "1");
		put("k", "2");
		commit();
		StoreView before = this.store.view();
		this.store.compact(3, null);
		assertThat(this.store.compactSome()).isEmpty();
		assertThat(this.store.batch().count()).isOne();
		assertThat(before.getAt(bytes("k"), 2)).isNotNull();
		commit();
		finishCompaction();
		assertThat(before.getAt(bytes("k"), 2)).isNull();
	}

	@Test
	void aRevisionBelowTheCompactedOneIsGoneBeforeItIsRemoved() {
		put("k", "1");
		put("k", "2");
		this.store.compact(3, null);
		commit();
		assertThat(this.store.view().getAt(bytes("k"), 2)).isNull();
		assertThat(this.store.view().getAt(bytes("k"), 3)).isNotNull();
	}

	@Test
	void aKeyWithManyRevisionsIsCompactedOverManySteps() {
		for (int i = 0; i < 100; i++) {
			put("k", "v");
		}
		this.store.compact(this.store.revision(), null);
		commit();
		int steps = 0;
		while (this.store.isCompacting()) {
			this.store.compactSome();
			assertThat(this.store.batch().count()).isLessThanOrEqualTo(LIMIT + 1);
			commit();
			steps++;
		}
		assertThat(steps).isBetween(99 / LIMIT, 99 / LIMIT + 2);
		assertThat(storedChanges()).isOne();
		assertThat(value("k")).isEqualTo("v");
	}

	@Test
	void putsBetweenTheStepsOfACompactionAreKept() {
		for (int i = 0; i < 3 * LIMIT; i++) {
			put("k", "v" + i);
		}
		this.store.compact(this.store.revision(), null);
		commit();
		for (int i = 0; this.store.isCompacting(); i++) {
			this.store.compactSome();
			put("k", "w" + i);
			commit();
		}
		assertThat(storedChanges()).isEqualTo((int) (this.store.revision() - this.store.compactRevision() + 1));
		this.store = open(0);
		assertThat(value("k")).startsWith("w");
	}

	/** A reader of an old view must not book a value at a state nobody sweeps. */
	@Test
	void aStateThatCompactionReplacedTakesNoValueAnyMore() {
		put("k", "1");
		put("k", "2");
		commit();
		this.store = open(1 << 20);
		StoreView before = this.store.view();
		this.store.compact(3, null);
		commit();
		finishCompaction();
		assertThat(before.get(bytes("k"))).isNotNull();
		assertThat(this.store.cache().bytes()).isZero();
	}

	@Test
	void compactionKeepsTheCachedValues() {
		put("k", "1");
		put("k", "2");
		this.store.compact(3, null);
		commit();
		finishCompaction();
		assertThat(Objects.requireNonNull(this.store.view().live(bytes("k"))).peekValue()).isEqualTo(bytes("2"));
		assertThat(this.store.cache().bytes()).isEqualTo(ValueCache.cost(bytes("2")));
	}

	@Test
	void theValueCacheStaysWithinItsBoundWithinABatchToo() {
		this.store = open(64 * 24);
		for (int i = 0; i < 10_000; i++) {
			put("k" + i, "value");
			assertThat(this.store.cache().bytes()).isLessThanOrEqualTo(64 * 24);
		}
		commit();
		assertThat(this.store.cache().bytes()).isLessThan(64 * 24);
	}

	@Test
	void aFullValueCacheMakesRoomForWhatIsRead() {
		this.store = open(64 * 24);
		for (int i = 0; i < 1_000; i++) {
			put("k" + i, "value");
		}
		commit();
		KeyIndex key = Objects.requireNonNull(this.store.view().live(bytes("k500")));
		for (int i = 0; i < 1_000 && key.peekValue() == null; i++) {
			value("k" + i);
			value("k500");
		}
		assertThat(key.peekValue()).isEqualTo(bytes("value"));
	}

	@Test
	void aHashWithoutLiveKeysDoesNotDependOnTheProgressOfRemoval() {
		put("a", "1");
		put("a", "2");
		put("b", "1");
		delete("a");
		delete("b");
		this.store.compact(4, null);
		commit();
		KvHash before = this.store.hash(0);
		finishCompaction();
		assertThat(this.store.hash(0)).isEqualTo(before);
	}

	@Test
	void theHashOfANegativeRevisionIsThatOfNothing() {
		int nothing = this.store.hash(1).hash();
		put("a", "1");
		commit();
		assertThat(this.store.hash(-1)).isEqualTo(new KvHash(nothing, -1, -1, 2));
	}

	@Test
	void theHashOfAFinishedCompactionIsThatOfAllThatWasThereBefore() {
		put("a", "1");
		put("a", "2");
		put("a", "3");
		compact(3);
		put("a", "4");
		put("a", "5");
		commit();
		int before = this.store.hash(5).hash();
		compact(5);
		assertThat(this.store.hash(5)).isEqualTo(new KvHash(before, 5, 3, 6));
		compact(6);
		assertThat(this.store.hash(5)).isEqualTo(new KvHash(before, 5, 3, 6));
		assertThat(this.store.hash(0).compactRevision()).isEqualTo(6);
	}

	@Test
	void theHashesOfTheNewestTenCompactionsAreKept() {
		for (int revision = 2; revision <= 13; revision++) {
			put("a", "v");
			compact(revision);
		}
		assertThat(this.store.isCompactionHashKnown(3)).isFalse();
		for (int revision = 4; revision <= 13; revision++) {
			assertThat(this.store.hash(revision).compactRevision()).isEqualTo(revision - 1);
		}
	}

	/** As in etcd; else the hash would cover a history that is not known to be whole. */
	@Test
	void aCompactionThatBeganBeforeTheLastWasFinishedHasNoHash() {
		for (int i = 0; i < 5; i++) {
			put("a", "v");
		}
		this.store.compact(3, null);
		commit();
		this.store.compact(5, null);
		commit();
		finishCompaction();
		assertThat(this.store.isCompactionHashKnown(3)).isTrue();
		assertThat(this.store.isCompactionHashKnown(5)).isFalse();
	}

	@Test
	void aCompactionThatAStopInterruptedHasNoHash() {
		put("a", "1");
		put("a", "2");
		this.store.compact(3, null);
		commit();
		this.store = open(0);
		finishCompaction();
		assertThat(storedChanges()).isOne();
		assertThat(this.store.isCompactionHashKnown(3)).isFalse();
	}

	@Test
	void removalWaitsUntilTheHistoryIsHashed() {
		Deque<Runnable> jobs = new ArrayDeque<>();
		List<String> told = new ArrayList<>();
		this.store = MvccStore.open(this.storage, new MvccOptions(0, LIMIT), jobs::add, null);
		this.store.onCompacting(() -> told.add("compacting"));
		put("a", "1");
		put("a", "2");
		this.store.compact(3, () -> told.add("done"));
		commit();
		finishCompaction();
		assertThat(storedChanges()).isEqualTo(2);
		assertThat(told).isEmpty();
		jobs.remove().run();
		assertThat(told).containsExactly("compacting");
		finishCompaction();
		assertThat(storedChanges()).isOne();
		assertThat(told).containsExactly("compacting", "done");
	}

	@Test
	void withoutCompactionHashesNothingWaits() {
		this.store = MvccStore.open(this.storage, new MvccOptions(0, LIMIT, false), (job) -> {
			throw new IllegalStateException("nobody should be asked");
		}, null);
		put("a", "1");
		put("a", "2");
		compact(3);
		assertThat(storedChanges()).isOne();
		assertThat(this.store.hash(3).compactRevision()).isEqualTo(3);
	}

	@Test
	void withoutABackgroundThreadCompactionGoesOnWithoutAHash() {
		this.store = MvccStore.open(this.storage, new MvccOptions(0, LIMIT), (job) -> {
			throw new RejectedExecutionException();
		}, null);
		put("a", "1");
		put("a", "2");
		compact(3);
		assertThat(storedChanges()).isOne();
		assertThat(this.store.isCompactionHashKnown(3)).isFalse();
	}

	@Test
	void aJobThatBeginsAfterTheEndDoesNothing() {
		Deque<Runnable> jobs = new ArrayDeque<>();
		this.store = MvccStore.open(this.storage, new MvccOptions(0, LIMIT), jobs::add, null);
		put("a", "1");
		this.store.compact(2, null);
		commit();
		this.store.close();
		this.storage.close();
		jobs.remove().run();
		assertThat(this.store.isCompactionHashKnown(2)).isFalse();
	}

	private void compact(long revision) {
		this.store.compact(revision, null);
		commit();
		finishCompaction();
	}

	private void put(String key, String value) {
		WriteTxn txn = this.store.begin();
		txn.put(bytes(key), bytes(value), 0);
		txn.end();
	}

	private void delete(String key) {
		WriteTxn txn = this.store.begin();
		txn.delete(Objects.requireNonNull(txn.find(bytes(key))));
		txn.end();
	}

	private void commit() {
		this.store.commit(this.store.view().appliedIndex() + 1, 1);
	}

	private void finishCompaction() {
		while (this.store.isCompacting()) {
			List<Runnable> finished = this.store.compactSome();
			commit();
			finished.forEach(Runnable::run);
		}
	}

	private int storedChanges() {
		int[] count = new int[1];
		this.store.view().history(0, this.store.revision(), (main, delete, stored) -> {
			count[0]++;
			return true;
		});
		return count[0];
	}

	private @Nullable String value(String key) {
		KeyValue kv = this.store.view().get(bytes(key));
		return (kv != null) ? kv.getValue().toStringUtf8() : null;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
