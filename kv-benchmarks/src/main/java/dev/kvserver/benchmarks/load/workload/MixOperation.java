package dev.kvserver.benchmarks.load.workload;

import java.util.EnumMap;
import java.util.Map;

import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Operations of all kinds at random.
 */
final class MixOperation implements Operation {

	static final int LIST_LIMIT = 500;

	private final Worker worker;

	private final ObjectSet leases;

	private final ObjectSet pods;

	private final Map<MixKind, Series> series = new EnumMap<>(MixKind.class);

	MixOperation(Bench bench, ObjectSet leases, ObjectSet pods) {
		this.worker = bench.worker();
		this.leases = leases;
		this.pods = pods;
		for (MixKind kind : MixKind.values()) {
			this.series.put(kind, bench.tally().addSeries(kind.series()));
		}
	}

	@Override
	public boolean writes() {
		return true;
	}

	@Override
	public Rpc next(Slot slot) {
		MixKind kind = MixKind.of(this.worker.random().nextInt(100));
		slot.kind = kind;
		slot.flag = true;
		slot.series = seriesOf(kind);
		return switch (kind) {
			case LEASE_UPDATE -> this.leases.update(slot, this.worker.random());
			case POD_UPDATE -> this.pods.update(slot, this.worker.random());
			case GET -> get(slot);
			case LIST -> list(slot);
			case DELETE -> delete(slot);
		};
	}

	private Series seriesOf(MixKind kind) {
		return requireNonNull(this.series.get(kind));
	}

	private Rpc get(Slot slot) {
		slot.key = this.worker.random().nextInt(this.pods.keys().keys());
		slot.seenRevision = slot.key;
		Requests.get(slot.request, this.pods.keys().key(slot.key));
		return Rpc.RANGE;
	}

	private Rpc list(Slot slot) {
		Keyspace keys = this.pods.keys();
		slot.key = this.worker.random().nextInt(keys.keys());
		slot.seenRevision = slot.key;
		Requests.range(slot.request, keys.key(slot.key), keys.end(), LIST_LIMIT, false, false);
		return Rpc.RANGE;
	}

	private Rpc delete(Slot slot) {
		if (!this.pods.deleteOrCreate(slot, this.worker.random())) {
			slot.kind = MixKind.POD_UPDATE;
			slot.series = seriesOf(MixKind.POD_UPDATE);
		}
		return Rpc.TXN;
	}

	@Override
	public void keyValue(Slot slot, KeyValueView keyValue) {
		switch (slot.kind) {
			case LEASE_UPDATE, POD_UPDATE, DELETE -> this.pods.keyValue(slot, keyValue);
			case GET, LIST -> {
				// In order, from the key that was asked for on; deleted ones are left
				// out.
				int number = this.pods.keys().number(keyValue);
				slot.flag &= number >= slot.seenRevision;
				slot.seenRevision = number + 1L;
			}
		}
	}

	@Override
	public @Nullable Rpc replied(Slot slot) {
		switch (slot.kind) {
			case LEASE_UPDATE -> this.leases.changed(slot, false);
			case POD_UPDATE -> this.pods.changed(slot, false);
			case DELETE -> this.pods.changed(slot, true);
			case GET -> checkRead(slot, 1);
			case LIST -> checkRead(slot, LIST_LIMIT);
		}
		return null;
	}

	private void checkRead(Slot slot, int limit) {
		boolean full = slot.reply.keyValues() == limit || slot.reply.keyValues() == slot.reply.count();
		if (!slot.flag || !full) {
			this.worker.tally()
				.wrong("a read of up to " + limit + " keys brought " + slot.reply.keyValues() + " of "
						+ slot.reply.count() + ", or other keys, or keys out of order");
		}
	}

	@Override
	public void failed(Slot slot) {
		switch (slot.kind) {
			case LEASE_UPDATE -> this.leases.failed(slot);
			case POD_UPDATE, DELETE -> this.pods.failed(slot);
			case GET, LIST -> {
				// Nothing was changed.
			}
		}
	}

}
