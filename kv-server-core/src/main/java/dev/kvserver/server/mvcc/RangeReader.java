package dev.kvserver.server.mvcc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Answers a Range on one state of the index (etcd-contract section 2.3).
 * <p>
 * Two ways lead through it. Without filter and without a sort other than by key, keys are
 * fetched in key order up to the limit and one more, just enough to know {@code more}.
 * Otherwise everything is fetched, filtered, sorted and then cut. etcd's quirk is kept: a
 * sort target without a sort order sorts what the limit has already cut.
 */
final class RangeReader {

	private final TreeIndex index;

	private final Values values;

	private final long currentRevision;

	private final RangeRequest request;

	private final KeyRange range;

	/** The revision to read at; the current one if the request names none. */
	private final long revision;

	RangeReader(TreeIndex index, Values values, long currentRevision, long compactRevision, RangeRequest request) {
		this.index = index;
		this.values = values;
		this.currentRevision = currentRevision;
		this.request = request;
		this.range = KeyRange.of(request.getKey(), request.getRangeEnd());
		this.revision = (request.getRevision() > 0) ? request.getRevision() : currentRevision;
		if (this.revision > currentRevision) {
			throw EtcdError.FUTURE_REV.exception();
		}
		if (this.revision < compactRevision) {
			throw EtcdError.COMPACTED.exception();
		}
	}

	/** The answer, with nothing but the revision in its header. */
	RangeResponse.Builder read() {
		RangeResponse.Builder response = RangeResponse.newBuilder()
			.setHeader(ResponseHeader.newBuilder().setRevision(this.currentRevision));
		if (this.request.getCountOnly()) {
			return response.setCount(count());
		}
		if (this.range.isSingle()) {
			return readOne(response);
		}
		return readMany(response.setCount(count()));
	}

	/** A part of the range, in key order up to the limit, without header and count. */
	RangeChunk readChunk() {
		RangeResponse.Builder response = RangeResponse.newBuilder();
		if (this.range.isSingle()) {
			return new RangeChunk(readOne(response).clearCount(), () -> 0);
		}
		readMany(response);
		return new RangeChunk(response, () -> count(after(response.getKvs(response.getKvsCount() - 1).getKey())));
	}

	/**
	 * Where etcd goes on after the last key of a part, and counts from: also when a sort
	 * target without a sort order has put another than the greatest key last.
	 */
	private static byte[] after(ByteString key) {
		return Arrays.copyOf(key.toByteArray(), key.size() + 1);
	}

	private RangeResponse.Builder readMany(RangeResponse.Builder response) {
		boolean cutFirst = !isFiltered()
				&& (this.request.getSortOrder() == RangeRequest.SortOrder.NONE || isKeyOrder());
		long limit = Math.max(0, this.request.getLimit());
		List<KeyValue> found = fetch((cutFirst && limit > 0 && limit < Integer.MAX_VALUE) ? limit + 1 : Long.MAX_VALUE);
		if (isFiltered()) {
			found.removeIf((kv) -> !passesFilters(kv));
		}
		Comparator<KeyValue> order = order();
		if (order != null) {
			found.sort(order);
		}
		if (limit > 0 && found.size() > limit) {
			found = found.subList(0, (int) limit);
			response.setMore(true);
		}
		for (KeyValue kv : found) {
			response.addKvs(stripped(kv));
		}
		return response;
	}

	private RangeResponse.Builder readOne(RangeResponse.Builder response) {
		KeyIndex key = this.index.get(this.range.start());
		KeyValue kv = (key != null) ? fetch(key) : null;
		if (kv != null) {
			response.setCount(1);
			if (!isFiltered() || passesFilters(kv)) {
				response.addKvs(stripped(kv));
			}
		}
		return response;
	}

	private long count() {
		if (this.range.isEmpty()) {
			return 0;
		}
		if (this.revision == this.currentRevision && this.range.isSingle()) {
			KeyIndex key = this.index.get(this.range.start());
			return (key != null && key.isLive()) ? 1 : 0;
		}
		return count(this.range.start());
	}

	private long count(byte[] from) {
		if (this.revision == this.currentRevision) {
			return this.index.count(from, this.range.end());
		}
		long count = 0;
		TreeIndex.Cursor cursor = this.index.cursor(from);
		for (KeyIndex key = cursor.next(); key != null && this.range.isBelowEnd(key.key()); key = cursor.next()) {
			if (key.isLiveAt(this.revision)) {
				count++;
			}
		}
		return count;
	}

	private List<KeyValue> fetch(long limit) {
		List<KeyValue> found = new ArrayList<>();
		if (this.range.isEmpty()) {
			return found;
		}
		boolean current = this.revision == this.currentRevision;
		TreeIndex.Cursor cursor = current ? this.index.liveCursor(this.range.start())
				: this.index.cursor(this.range.start());
		for (KeyIndex key = cursor.next(); key != null && found.size() < limit
				&& this.range.isBelowEnd(key.key()); key = cursor.next()) {
			KeyValue kv = fetch(key);
			if (kv != null) {
				found.add(kv);
			}
		}
		return found;
	}

	private @Nullable KeyValue fetch(KeyIndex key) {
		if (key.modRevision() > this.revision) {
			Revision at = key.at(this.revision);
			return (at != null) ? this.values.keyValue(at) : null;
		}
		if (!key.isLive()) {
			return null;
		}
		return isFromIndex() ? KeyValues.keyOnly(key) : this.values.keyValue(key);
	}

	/** Whether keys suffice: then no value is read. */
	private boolean isFromIndex() {
		return this.request.getKeysOnly() && this.request.getSortTarget() != RangeRequest.SortTarget.VALUE;
	}

	private KeyValue stripped(KeyValue kv) {
		if (!this.request.getKeysOnly()) {
			return kv;
		}
		KeyValue.Builder stripped = kv.toBuilder().clearValue();
		return isFromIndex() ? stripped.clearLease().build() : stripped.build();
	}

	private boolean isKeyOrder() {
		return this.request.getSortOrder() == RangeRequest.SortOrder.ASCEND
				&& this.request.getSortTarget() == RangeRequest.SortTarget.KEY;
	}

	private @Nullable Comparator<KeyValue> order() {
		boolean byKey = this.request.getSortTarget() == RangeRequest.SortTarget.KEY;
		if (byKey && this.request.getSortOrder() != RangeRequest.SortOrder.DESCEND) {
			return null;
		}
		Comparator<KeyValue> ascending = switch (this.request.getSortTarget()) {
			case KEY -> Comparator.comparing(KeyValue::getKey, ByteString.unsignedLexicographicalComparator());
			case VERSION -> Comparator.comparingLong(KeyValue::getVersion);
			case CREATE -> Comparator.comparingLong(KeyValue::getCreateRevision);
			case MOD -> Comparator.comparingLong(KeyValue::getModRevision);
			case VALUE -> Comparator.comparing(KeyValue::getValue, ByteString.unsignedLexicographicalComparator());
			case UNRECOGNIZED -> throw EtcdError.INVALID_SORT_OPTION.exception();
		};
		return (this.request.getSortOrder() == RangeRequest.SortOrder.DESCEND) ? ascending.reversed() : ascending;
	}

	private boolean isFiltered() {
		return this.request.getMaxModRevision() != 0 || this.request.getMinModRevision() != 0
				|| this.request.getMaxCreateRevision() != 0 || this.request.getMinCreateRevision() != 0;
	}

	private boolean passesFilters(KeyValue kv) {
		long mod = kv.getModRevision();
		long create = kv.getCreateRevision();
		return isAtMost(mod, this.request.getMaxModRevision()) && isAtLeast(mod, this.request.getMinModRevision())
				&& isAtMost(create, this.request.getMaxCreateRevision())
				&& isAtLeast(create, this.request.getMinCreateRevision());
	}

	private static boolean isAtMost(long revision, long bound) {
		return bound == 0 || revision <= bound;
	}

	private static boolean isAtLeast(long revision, long bound) {
		return bound == 0 || revision >= bound;
	}

}
