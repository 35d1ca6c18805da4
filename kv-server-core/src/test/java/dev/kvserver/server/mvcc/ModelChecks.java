package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.apply.EventSink;
import dev.kvserver.server.key.KeyRange;

import static org.assertj.core.api.Assertions.assertThat;

/** Compares a store with its {@link ReferenceStore}, event by event and as a whole. */
final class ModelChecks implements EventSink {

	private static final int VIEWS_HELD = 3;

	private final ReferenceStore reference;

	private final SplittableRandom random;

	/** Views of the past, which readers may hold for long. */
	private final List<StoreView> held = new ArrayList<>();

	private MvccStore store;

	private long eventsUpTo = 1;

	/** After a crash the events of what is applied again are not checked twice. */
	private long seenUpTo = 1;

	ModelChecks(MvccStore store, ReferenceStore reference, SplittableRandom random) {
		this.store = store;
		this.reference = reference;
		this.random = random;
	}

	void reopened(MvccStore reopened) {
		this.store = reopened;
		this.held.clear();
		this.eventsUpTo = reopened.view().revision();
	}

	/** A checkpoint of the index gives what the whole history gives. */
	void compareWithFullScan(MvccStore opened, MvccStore scanned) {
		long compacted = scanned.compactRevision();
		assertThat(opened.revision()).isEqualTo(scanned.revision());
		assertThat(opened.compactRevision()).isEqualTo(compacted);
		assertThat(IndexDump.compacted(opened.view().index(), compacted))
			.isEqualTo(IndexDump.compacted(scanned.view().index(), compacted));
	}

	@Override
	public void published(StoreView view, List<EventBatch> batches) {
		assertThat(view).isSameAs(this.store.view());
		for (EventBatch batch : batches) {
			assertThat(batch.revision()).isEqualTo(this.eventsUpTo + 1);
			this.eventsUpTo = batch.revision();
			if (batch.revision() > this.seenUpTo) {
				checkEvents(view, batch);
				this.seenUpTo = batch.revision();
			}
		}
		assertThat(view.revision()).isEqualTo(this.eventsUpTo);
	}

	private void checkEvents(StoreView view, EventBatch batch) {
		List<ReferenceStore.Change> expected = this.reference.changes(batch.revision(), batch.revision());
		assertThat(batch.events()).hasSameSizeAs(expected);
		for (int i = 0; i < expected.size(); i++) {
			ReferenceStore.Change change = expected.get(i);
			StoreEvent event = batch.events().get(i);
			Event.Builder message = Event.newBuilder().setKv(change.kv());
			if (change.delete()) {
				message.setType(Event.EventType.DELETE).getKvBuilder().setModRevision(change.main());
			}
			assertThat(event.message()).isEqualTo(message.build());
			KeyValue previous = this.reference.previous(change);
			if (previous != null && batch.revision() > view.compactRevision()) {
				message.setPrevKv(previous);
				assertThat(event.messageWithPrevious()).isEqualTo(message.build());
			}
		}
	}

	/** Compares everything that is cheap enough to be compared after each step. */
	void check() {
		StoreView view = this.store.view();
		assertThat(view.revision()).isEqualTo(this.reference.revision());
		assertThat(view.compactRevision()).isEqualTo(this.reference.compactRevision());
		assertThat(view.keyCount()).isEqualTo(this.reference.now().size());
		TreeChecks.check(view.index());
		checkCache(view);
		checkHistory(view);
		for (StoreView old : this.held) {
			checkOld(old);
		}
		if (this.held.size() == VIEWS_HELD) {
			this.held.remove(this.random.nextInt(VIEWS_HELD));
		}
		this.held.add(view);
	}

	/** The bytes that are counted are those that are there, and within the bound. */
	private void checkCache(StoreView view) {
		long bytes = 0;
		TreeIndex.Cursor cursor = view.index().cursor(new byte[0]);
		for (KeyIndex key = cursor.next(); key != null; key = cursor.next()) {
			byte[] value = key.peekValue();
			bytes += (value != null) ? ValueCache.cost(value) : 0;
		}
		assertThat(this.store.cache().bytes()).isEqualTo(bytes).isLessThanOrEqualTo(this.store.cache().bytesMax());
	}

	private void checkHistory(StoreView view) {
		long compacted = Math.max(view.compactRevision(), 0);
		long from = this.random.nextLong(compacted, view.revision() + 1);
		long last = this.random.nextLong(from, view.revision() + 2);
		List<ReferenceStore.Change> found = new ArrayList<>();
		Map<Long, Long> subs = new HashMap<>();
		view.history(from, last, (main, delete, stored) -> {
			if (main > compacted) {
				long sub = subs.merge(main, 1L, Long::sum) - 1;
				found.add(new ReferenceStore.Change(main, sub, delete, stored));
			}
			return true;
		});
		assertThat(found).isEqualTo(this.reference.changes(Math.max(from, compacted + 1), last));
	}

	/** A view of the past still shows its past, unless that has been compacted. */
	private void checkOld(StoreView old) {
		boolean overtaken = this.store.view().compactRevision() > old.revision();
		for (KeyValue kv : this.reference.at(old.revision()).values()) {
			try {
				assertThat(old.get(kv.getKey().toByteArray())).isEqualTo(kv);
			}
			catch (StaleViewException ex) {
				assertThat(overtaken).isTrue();
			}
		}
		assertThat(old.keyCount()).isEqualTo(this.reference.at(old.revision()).size());
	}

	void checkKey(ByteString name, long atRevision) {
		StoreView view = this.store.view();
		byte[] key = name.toByteArray();
		KeyValue now = this.reference.now().get(name);
		assertThat(view.get(key)).isEqualTo(now);
		assertThat(view.count(KeyRange.single(key))).isEqualTo((now != null) ? 1 : 0);
		assertThat(view.count(KeyRange.between(key, null))).isEqualTo(this.reference.now().tailMap(name).size());
		assertThat(view.getAt(key, Math.min(atRevision, view.revision()))).as("%s at %s", name, atRevision)
			.isEqualTo((atRevision < view.compactRevision()) ? null : this.reference.at(atRevision).get(name));
	}

	void checkHash(long atRevision) {
		long compacted = this.reference.compactRevision();
		if (this.store.isCompactionHashKnown(atRevision)) {
			assertThat(this.store.hash(atRevision)).isEqualTo(new KvHash(this.reference.compactionHash(atRevision),
					atRevision, this.reference.compactRevisionBefore(atRevision), this.reference.revision()));
		}
		else if (atRevision >= compacted && atRevision <= this.reference.revision() && atRevision > 0) {
			assertThat(this.store.hash(atRevision)).isEqualTo(new KvHash(this.reference.hash(compacted, atRevision),
					atRevision, compacted, this.reference.revision()));
		}
	}

}
