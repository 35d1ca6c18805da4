package dev.kvserver.conformance.history;

import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;

/**
 * Requests for keys, mostly valid, with every option and every mistake that etcd has an
 * answer for.
 */
final class KvRequests {

	/** Small, so that values meet again in comparisons and sorts. */
	private static final List<String> VALUES = List.of("", "0", "1", "2", "value", "value2", "w");

	private static final int BIG_VALUE_BYTES_MAX = 3000;

	private static final List<Integer> INVALID_ENUMS = List.of(-1, 3, 5, 99);

	private final Dice dice;

	private final HistoryState state;

	KvRequests(Dice dice, HistoryState state) {
		this.dice = dice;
		this.state = state;
	}

	PutRequest put() {
		return put(true);
	}

	/**
	 * A put.
	 * @param mayIgnore whether it may keep the value or the lease of the key
	 */
	PutRequest put(boolean mayIgnore) {
		PutRequest.Builder put = PutRequest.newBuilder()
			.setKey(Keys.keyOrEmpty(this.dice))
			.setPrevKv(this.dice.chance(30))
			.setIgnoreValue(mayIgnore && this.dice.chance(10))
			.setIgnoreLease(mayIgnore && this.dice.chance(12));
		if (!put.getIgnoreValue() || this.dice.chance(15)) {
			put.setValue(value());
		}
		if (this.dice.chance(put.getIgnoreLease() ? 15 : 25)) {
			put.setLease(lease());
		}
		return put.build();
	}

	DeleteRangeRequest delete() {
		return delete(true);
	}

	/**
	 * A deletion.
	 * @param mayBeOpen whether its range may have no end
	 */
	DeleteRangeRequest delete(boolean mayBeOpen) {
		ByteString key = Keys.keyOrEmpty(this.dice);
		ByteString end = Keys.end(this.dice, key, 40);
		return DeleteRangeRequest.newBuilder()
			.setKey(key)
			.setRangeEnd((mayBeOpen || !end.equals(Keys.FROM_KEY)) ? end : ByteString.EMPTY)
			.setPrevKv(this.dice.chance(40))
			.build();
	}

	RangeRequest range() {
		ByteString key = Keys.keyOrEmpty(this.dice);
		RangeRequest.Builder range = RangeRequest.newBuilder()
			.setKey(key)
			.setRangeEnd(Keys.end(this.dice, key))
			.setRevision(revision())
			.setSerializable(this.dice.chance(30))
			.setKeysOnly(this.dice.chance(15))
			.setCountOnly(this.dice.chance(10));
		if (this.dice.chance(35)) {
			range.setLimit(this.dice.chance(5) ? -1 : this.dice.below(14));
		}
		if (this.dice.chance(35)) {
			addSort(range);
		}
		if (this.dice.chance(20)) {
			addFilters(range);
		}
		return range.build();
	}

	/** A range that can be streamed, or, sometimes, one that cannot. */
	RangeRequest streamedRange() {
		RangeRequest range = range();
		if (this.dice.chance(15)) {
			return range;
		}
		return range.toBuilder()
			.clearSortOrder()
			.clearSortTarget()
			.clearMinModRevision()
			.clearMaxModRevision()
			.clearMinCreateRevision()
			.clearMaxCreateRevision()
			.build();
	}

	CompactionRequest compaction() {
		long revision = switch (this.dice.below(10)) {
			case 0 -> this.dice.between(-1, 0);
			case 1 -> this.state.revision() + this.dice.between(1, 3);
			case 2 -> this.state.compactRevision();
			case 3 -> this.state.compactRevision() - this.dice.between(1, 5);
			case 4 -> this.state.revision();
			default -> this.dice.between(this.state.compactRevision() + 1, this.state.revision());
		};
		return CompactionRequest.newBuilder().setRevision(revision).setPhysical(this.dice.chance(75)).build();
	}

	/** A hash: of now, of then, of what a compaction saw, or one that is refused. */
	HashKVRequest hash() {
		long compacted = this.state.compactRevision();
		long revision = switch (this.dice.below(10)) {
			case 0 -> this.state.revision() + 1;
			case 1 -> compacted - this.dice.between(1, 5);
			case 2, 3, 4 -> this.dice.between(compacted + 1, this.state.revision());
			case 5, 6, 7 -> this.dice.pick(this.state.compactions());
			default -> 0;
		};
		return HashKVRequest.newBuilder()
			.setRevision(this.state.isHashCertain(revision) ? revision : this.state.revision())
			.build();
	}

	/** A revision to read at: the latest, an old one, or one that cannot be read. */
	long revision() {
		int kind = this.dice.below(100);
		if (kind < 55) {
			return 0;
		}
		if (kind < 85) {
			return this.dice.between(Math.max(1, this.state.compactRevision()), this.state.revision());
		}
		if (kind < 88) {
			return this.state.compactRevision();
		}
		if (kind < 92) {
			return this.dice.between(1, this.state.compactRevision());
		}
		return (kind < 96) ? this.state.revision() + this.dice.between(1, 3) : -this.dice.between(1, 3);
	}

	ByteString value() {
		if (this.dice.below(40) == 0) {
			return ByteString.copyFromUtf8("big".repeat(this.dice.below(BIG_VALUE_BYTES_MAX) / 3));
		}
		return ByteString.copyFromUtf8(this.dice.pick(VALUES));
	}

	long lease() {
		List<Long> leases = this.state.leases();
		return (leases.isEmpty() || this.dice.chance(8)) ? this.dice.between(900, 903) : this.dice.pick(leases);
	}

	private void addSort(RangeRequest.Builder range) {
		range.setSortOrderValue(this.dice.below(3)).setSortTargetValue(this.dice.below(5));
		if (this.dice.below(40) == 0) {
			range.setSortOrderValue(this.dice.pick(INVALID_ENUMS));
		}
		if (this.dice.below(40) == 0) {
			range.setSortTargetValue(this.dice.pick(INVALID_ENUMS));
		}
	}

	private void addFilters(RangeRequest.Builder range) {
		if (this.dice.chance(40)) {
			range.setMinModRevision(anyRevision());
		}
		if (this.dice.chance(40)) {
			range.setMaxModRevision(anyRevision());
		}
		if (this.dice.chance(40)) {
			range.setMinCreateRevision(anyRevision());
		}
		if (this.dice.chance(40)) {
			range.setMaxCreateRevision(anyRevision());
		}
	}

	private long anyRevision() {
		return this.dice.between(-1, this.state.revision() + 1);
	}

}
