package dev.kvserver.server.mvcc;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.error.EtcdError;
import org.jspecify.annotations.Nullable;

/**
 * The store as etcd's contract words it, without any thought of speed: a list of all
 * changes since the first, none ever forgotten, and each question answered by going
 * through it. Compaction only moves a number.
 */
final class ReferenceStore {

	private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

	private final List<Change> changes = new ArrayList<>();

	/** What was found out since the last change. */
	private final Map<Long, SortedMap<ByteString, Change>> known = new HashMap<>();

	private long revision = 1;

	private long compactRevision = -1;

	/** Each revision that was compacted at, and the one before it. */
	private final Map<Long, Long> compactions = new HashMap<>();

	/** How many changes the transaction under way has made. */
	private int sub;

	/** One change; of a delete {@code kv} has only the key, as it is stored. */
	record Change(long main, long sub, boolean delete, KeyValue kv) {
	}

	/** The revision that reads report, within a transaction too. */
	long revision() {
		return (this.sub > 0) ? this.revision + 1 : this.revision;
	}

	long compactRevision() {
		return this.compactRevision;
	}

	/** All changes from one main revision to another, both inclusive. */
	List<Change> changes(long from, long last) {
		return this.changes.stream().filter((change) -> change.main() >= from && change.main() <= last).toList();
	}

	/** What exists at a revision. */
	SortedMap<ByteString, KeyValue> at(long atRevision) {
		SortedMap<ByteString, KeyValue> state = new TreeMap<>(ORDER);
		visible(atRevision).forEach((key, change) -> state.put(key, change.kv()));
		return state;
	}

	/** The puts that a reader at a revision sees. */
	private SortedMap<ByteString, Change> visible(long atRevision) {
		return this.known.computeIfAbsent(Math.min(atRevision, revision()), this::find);
	}

	private SortedMap<ByteString, Change> find(long atRevision) {
		SortedMap<ByteString, Change> visible = new TreeMap<>(ORDER);
		for (Change change : this.changes) {
			if (change.main() > atRevision) {
				break;
			}
			if (change.delete()) {
				visible.remove(change.kv().getKey());
			}
			else {
				visible.put(change.kv().getKey(), change);
			}
		}
		return visible;
	}

	SortedMap<ByteString, KeyValue> now() {
		return at(Long.MAX_VALUE);
	}

	void put(ByteString key, ByteString value, long lease) {
		KeyValue before = now().get(key);
		long main = this.revision + 1;
		KeyValue after = KeyValue.newBuilder()
			.setKey(key)
			.setValue(value)
			.setLease(lease)
			.setModRevision(main)
			.setCreateRevision((before != null) ? before.getCreateRevision() : main)
			.setVersion((before != null) ? before.getVersion() + 1 : 1)
			.build();
		add(new Change(main, this.sub, false, after));
	}

	void delete(ByteString key) {
		add(new Change(this.revision + 1, this.sub, true, KeyValue.newBuilder().setKey(key).build()));
	}

	private void add(Change change) {
		this.changes.add(change);
		this.sub++;
		this.known.clear();
	}

	/** Ends a transaction. */
	void end() {
		this.revision = revision();
		this.sub = 0;
	}

	void compact(long at) {
		if (at <= this.compactRevision) {
			throw EtcdError.COMPACTED.exception();
		}
		if (at > this.revision) {
			throw EtcdError.FUTURE_REV.exception();
		}
		this.compactions.put(at, this.compactRevision);
		this.compactRevision = at;
	}

	/** The compact revision before one. */
	long compactRevisionBefore(long compacted) {
		return Objects.requireNonNull(this.compactions.get(compacted));
	}

	RangeResponse.Builder range(RangeRequest request) {
		long atRevision = (request.getRevision() > 0) ? request.getRevision() : revision();
		if (atRevision > revision()) {
			throw EtcdError.FUTURE_REV.exception();
		}
		if (atRevision < this.compactRevision) {
			throw EtcdError.COMPACTED.exception();
		}
		List<KeyValue> found = inRange(at(atRevision), request.getKey(), request.getRangeEnd());
		RangeResponse.Builder response = RangeResponse.newBuilder()
			.setHeader(ResponseHeader.newBuilder().setRevision(revision()))
			.setCount(found.size());
		return request.getCountOnly() ? response : answer(response, request, found);
	}

	private static RangeResponse.Builder answer(RangeResponse.Builder response, RangeRequest request,
			List<KeyValue> inRange) {
		long limit = (request.getLimit() > 0) ? request.getLimit() : Long.MAX_VALUE - 1;
		boolean byKey = request.getSortTarget() == RangeRequest.SortTarget.KEY;
		boolean natural = request.getSortOrder() == RangeRequest.SortOrder.NONE
				|| (byKey && request.getSortOrder() == RangeRequest.SortOrder.ASCEND);
		boolean filtered = request.getMinModRevision() != 0 || request.getMaxModRevision() != 0
				|| request.getMinCreateRevision() != 0 || request.getMaxCreateRevision() != 0;
		List<KeyValue> found = inRange;
		if (natural && !filtered) {
			found = found.stream().limit(limit + 1).toList();
		}
		found = found.stream().filter((kv) -> passes(request, kv)).sorted(order(request)).toList();
		boolean more = found.size() > limit;
		boolean withoutLease = request.getSortTarget() != RangeRequest.SortTarget.VALUE;
		for (KeyValue kv : found.stream().limit(limit).toList()) {
			KeyValue.Builder answered = kv.toBuilder();
			if (request.getKeysOnly()) {
				answered.clearValue().setLease(withoutLease ? 0 : kv.getLease());
			}
			response.addKvs(answered);
		}
		return response.setMore(more);
	}

	private static boolean passes(RangeRequest request, KeyValue kv) {
		return (request.getMaxModRevision() == 0 || kv.getModRevision() <= request.getMaxModRevision())
				&& (request.getMinModRevision() == 0 || kv.getModRevision() >= request.getMinModRevision())
				&& (request.getMaxCreateRevision() == 0 || kv.getCreateRevision() <= request.getMaxCreateRevision())
				&& (request.getMinCreateRevision() == 0 || kv.getCreateRevision() >= request.getMinCreateRevision());
	}

	private static Comparator<KeyValue> order(RangeRequest request) {
		Comparator<KeyValue> order = switch (request.getSortTarget()) {
			case KEY, UNRECOGNIZED -> Comparator.comparing(KeyValue::getKey, ORDER);
			case VERSION -> Comparator.comparing(KeyValue::getVersion);
			case CREATE -> Comparator.comparing(KeyValue::getCreateRevision);
			case MOD -> Comparator.comparing(KeyValue::getModRevision);
			case VALUE -> Comparator.comparing(KeyValue::getValue, ORDER);
		};
		return (request.getSortOrder() == RangeRequest.SortOrder.DESCEND) ? order.reversed() : order;
	}

	/** The key values of a range as requests name it. */
	static List<KeyValue> inRange(SortedMap<ByteString, KeyValue> state, ByteString key, ByteString rangeEnd) {
		boolean open = rangeEnd.size() == 1 && rangeEnd.byteAt(0) == 0;
		return state.values().stream().filter((kv) -> {
			if (rangeEnd.isEmpty()) {
				return kv.getKey().equals(key);
			}
			return ORDER.compare(kv.getKey(), key) >= 0 && (open || ORDER.compare(kv.getKey(), rangeEnd) < 0);
		}).toList();
	}

	/** What a watcher gets with a change: the key before its transaction. */
	@Nullable KeyValue previous(Change change) {
		boolean creation = !change.delete() && change.kv().getCreateRevision() == change.main();
		return creation ? null : at(change.main() - 1).get(change.kv().getKey());
	}

	/**
	 * HashKV, once removal at {@code compacted} is complete. Of what lies at or below it,
	 * only what {@code atRevision} still shows counts, or if that shows nothing at all,
	 * what {@code compacted} shows.
	 */
	int hash(long compacted, long atRevision) {
		SortedMap<ByteString, Change> visible = visible(atRevision);
		return hash(compacted, atRevision, visible.isEmpty() ? visible(compacted) : visible);
	}

	/** The hash of a compaction, which keeps deletes of that very revision, too. */
	int compactionHash(long at) {
		boolean nothingKept = visible(at).isEmpty() && changes(at, at).stream().noneMatch(Change::delete);
		long before = compactRevisionBefore(at);
		return hash(before, at, nothingKept ? visible(before) : visible(at));
	}

	private int hash(long compacted, long atRevision, SortedMap<ByteString, Change> kept) {
		CRC32C crc = new CRC32C();
		crc.update("key".getBytes(StandardCharsets.US_ASCII));
		for (Change change : changes(0, atRevision)) {
			if (change.main() > compacted || change.equals(kept.get(change.kv().getKey()))) {
				ByteBuffer key = ByteBuffer.allocate(18).putLong(change.main()).put((byte) '_').putLong(change.sub());
				crc.update((change.delete() ? key.put((byte) 't') : key).flip());
				crc.update(change.kv().toByteArray());
			}
		}
		return (int) crc.getValue();
	}

}
