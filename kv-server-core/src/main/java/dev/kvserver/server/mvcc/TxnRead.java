package dev.kvserver.server.mvcc;

import java.util.List;

import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * What a transaction reads: the published store for a read-only one, the store with the
 * changes of the batch under way for one that writes. Values that are not in memory are
 * read from the disk, blocking.
 */
public interface TxnRead {

	/**
	 * The revision that reads report.
	 * @return the revision
	 */
	long revision();

	/**
	 * The revision below which history is gone.
	 * @return the compact revision, -1 for none
	 */
	long compactRevision();

	/**
	 * The latest state of a key.
	 * @param key the key
	 * @return the state, or {@code null} if the key does not exist
	 */
	@Nullable KeyIndex find(byte[] key);

	/**
	 * All live keys of a range.
	 * @param range the range
	 * @return their states in key order
	 */
	List<KeyIndex> findAll(KeyRange range);

	/**
	 * The key value behind a state.
	 * @param key a state found live by this transaction
	 * @return the key value
	 */
	KeyValue keyValue(KeyIndex key);

	/**
	 * Counts a read that is not a {@link #range} of its own.
	 */
	void noteRange();

	/**
	 * Reads a range.
	 * @param request the request, with a key and valid enums
	 * @return the answer, with {@link #revision()} in its header
	 * @throws dev.kvserver.server.error.EtcdException {@code COMPACTED} or
	 * {@code FUTURE_REV}
	 */
	RangeResponse.Builder range(RangeRequest request);

}
