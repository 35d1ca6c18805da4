package dev.kvserver.server.rpc;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.server.apply.SpaceCost;
import dev.kvserver.server.apply.SpaceQuota;
import dev.kvserver.server.apply.TxnReader;
import dev.kvserver.server.auth.AuthInfo;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.key.KeyRange;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.log.ReadBarrier;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.metrics.StoreMetrics;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.TxnRead;
import org.jspecify.annotations.Nullable;

/**
 * The KV requests, whoever makes them: the gRPC service and the embedded store go through
 * here. Checks a request, then reads it from the newest view or proposes it to the log.
 * <p>
 * Any thread may call; nothing here waits. Small reads of what is in memory are answered
 * on the calling thread; large ones, and those that take the disk, go to the reader pool.
 */
public final class KvRequests {

	/** More keys than this are not read on an event loop. */
	private static final long KEYS_INLINE_MAX = 5_000;

	private final MvccStore store;

	private final Proposer proposer;

	private final ReadBarrier barrier;

	private final ResponseHeaders headers;

	private final RequestChecks checks;

	private final SpaceQuota quota;

	private final Executor readers;

	private final Access access;

	private final Credentials credentials;

	/**
	 * Joins the parts. Requests are those of a caller without credentials; see
	 * {@link #as}.
	 * @param store the store to read
	 * @param proposer the way into the log
	 * @param barrier what a linearizable read waits for
	 * @param headers fills response headers
	 * @param txnOpsMax operations allowed in a txn
	 * @param quota what the store may take
	 * @param readers runs large reads; may refuse by {@code RejectedExecutionException}
	 * @param access asks about callers
	 */
	public KvRequests(MvccStore store, Proposer proposer, ReadBarrier barrier, ResponseHeaders headers, int txnOpsMax,
			SpaceQuota quota, Executor readers, Access access) {
		this(store, proposer, barrier, headers, new RequestChecks(txnOpsMax), quota, readers, access, Credentials.NONE);
	}

	private KvRequests(MvccStore store, Proposer proposer, ReadBarrier barrier, ResponseHeaders headers,
			RequestChecks checks, SpaceQuota quota, Executor readers, Access access, Credentials credentials) {
		this.store = store;
		this.proposer = proposer;
		this.barrier = barrier;
		this.headers = headers;
		this.checks = checks;
		this.quota = quota;
		this.readers = readers;
		this.access = access;
		this.credentials = credentials;
	}

	/**
	 * The same for another caller.
	 * @param caller what the caller shows
	 * @return what carries out that caller's requests
	 */
	public KvRequests as(Credentials caller) {
		return (caller == this.credentials) ? this : new KvRequests(this.store, this.proposer, this.barrier,
				this.headers, this.checks, this.quota, this.readers, this.access, caller);
	}

	/**
	 * The same for the caller of the gRPC call that is being begun on this thread.
	 * @return what carries out that caller's requests
	 */
	public KvRequests ofCall() {
		return as(this.access.ofCall());
	}

	/**
	 * Reads a range.
	 * @param request the request
	 * @param completion gets a {@link RangeResponse}
	 */
	public void range(RangeRequest request, Completion completion) {
		Attempt.now(completion, () -> {
			RequestChecks.check(request);
			long begin = Histogram.begin();
			if (request.getSerializable()) {
				read(request, begin, completion);
			}
			else {
				this.barrier.await(Attempt.behind(completion, () -> read(request, begin, completion)));
			}
		});
	}

	private void read(RangeRequest request, long begin, Completion completion) {
		RangeResponse.Builder found;
		AuthInfo info;
		try {
			this.barrier.requireOpen();
			info = this.access.checkRead(this.credentials, request);
			found = (keysToRead(request) <= KEYS_INLINE_MAX) ? readInMemory(request) : null;
		}
		catch (RuntimeException ex) {
			this.store.metrics().read(StoreMetrics.RANGE, false, begin);
			throw ex;
		}
		if (found != null) {
			answerRange(found, info, begin, completion);
		}
		else {
			Attempt.on(this.readers, completion, () -> readFromDisk(request, info, begin, completion));
		}
	}

	private RangeResponse.@Nullable Builder readInMemory(RangeRequest request) {
		long begin = Histogram.begin();
		try {
			RangeResponse.Builder found = this.store.readInMemory((txn) -> txn.range(request));
			if (found != null) {
				this.store.metrics().ranges().of(0, true).end(begin);
			}
			return found;
		}
		catch (EtcdException ex) {
			this.store.metrics().ranges().of(0, false).end(begin);
			throw ex;
		}
	}

	private void readFromDisk(RangeRequest request, AuthInfo info, long begin, Completion completion) {
		long readBegin = Histogram.begin();
		RangeResponse.Builder found;
		try {
			found = this.store.range(request);
			this.store.metrics().ranges().of(0, true).end(readBegin);
		}
		catch (RuntimeException ex) {
			this.store.metrics().ranges().of(0, false).end(readBegin);
			this.store.metrics().read(StoreMetrics.RANGE, false, begin);
			throw ex;
		}
		answerRange(found, info, begin, completion);
	}

	private void answerRange(RangeResponse.Builder response, AuthInfo info, long begin, Completion completion) {
		this.access.checkUnchanged(info);
		this.store.metrics().read(StoreMetrics.RANGE, true, begin);
		this.headers.complete(response.getHeaderBuilder());
		completion.done(response.build());
	}

	private long keysToRead(RangeRequest request) {
		if (request.getRangeEnd().isEmpty()) {
			return 1;
		}
		long limit = request.getLimit();
		boolean cut = limit > 0 && limit <= KEYS_INLINE_MAX && request.getRevision() <= 0;
		boolean counted = request.getCountOnly() && request.getRevision() <= 0;
		if ((cut && request.getSortOrder() == RangeRequest.SortOrder.NONE) || counted) {
			return counted ? 1 : limit;
		}
		return this.store.view().count(KeyRange.of(request.getKey(), request.getRangeEnd()));
	}

	/**
	 * Sets a key.
	 * @param request the request
	 * @param completion gets a {@code PutResponse}
	 */
	public void put(PutRequest request, Completion completion) {
		Attempt.now(completion, () -> {
			this.quota.require(SpaceCost.of(request));
			RequestChecks.check(request);
			propose(InternalRaftRequest.newBuilder().setPut(request), completion);
		});
	}

	/**
	 * Deletes a range.
	 * @param request the request
	 * @param completion gets a {@code DeleteRangeResponse}
	 */
	public void deleteRange(DeleteRangeRequest request, Completion completion) {
		Attempt.now(completion, () -> {
			RequestChecks.check(request);
			propose(InternalRaftRequest.newBuilder().setDeleteRange(request), completion);
		});
	}

	/**
	 * Runs a txn. One that only reads skips the log.
	 * @param request the request
	 * @param completion gets a {@link TxnResponse}
	 */
	public void txn(TxnRequest request, Completion completion) {
		Attempt.now(completion, () -> {
			this.quota.require(SpaceCost.of(request));
			this.checks.check(request);
			if (!TxnReader.isReadOnly(request)) {
				propose(InternalRaftRequest.newBuilder().setTxn(request), completion);
			}
			else if (TxnReader.isSerializable(request)) {
				read(request, Histogram.begin(), completion);
			}
			else {
				this.barrier.await(Attempt.behind(completion, () -> read(request, Histogram.begin(), completion)));
			}
		});
	}

	/** Counted as a success if it is refused before the store is asked, as in etcd. */
	private void read(TxnRequest request, long begin, Completion completion) {
		this.barrier.requireOpen();
		AuthInfo info = this.access.checkRead(this.credentials, request);
		Function<TxnRead, TxnResponse.Builder> reader = (txn) -> TxnReader.read(txn, request);
		boolean small = keysToRead(request) <= KEYS_INLINE_MAX;
		TxnResponse.Builder found = small ? noted(begin, () -> this.store.readInMemory(reader)) : null;
		if (found != null) {
			answerTxn(found, info, begin, completion);
		}
		else {
			Attempt.on(this.readers, completion,
					() -> answerTxn(noted(begin, () -> this.store.read(reader)), info, begin, completion));
		}
	}

	private <T extends @Nullable Object> T noted(long begin, Supplier<T> read) {
		try {
			return read.get();
		}
		catch (RuntimeException ex) {
			this.store.metrics().read(StoreMetrics.READONLY_TXN, false, begin);
			throw ex;
		}
	}

	/** Of both branches, since only reading tells which one it is. */
	private long keysToRead(TxnRequest request) {
		return keysToRead(request.getSuccessList()) + keysToRead(request.getFailureList());
	}

	private long keysToRead(List<RequestOp> ops) {
		long keys = 0;
		for (int i = 0; i < ops.size(); i++) {
			RequestOp op = ops.get(i);
			if (op.hasRequestRange()) {
				keys += keysToRead(op.getRequestRange());
			}
			else if (op.hasRequestTxn()) {
				keys += keysToRead(op.getRequestTxn());
			}
		}
		return keys;
	}

	private void answerTxn(TxnResponse.Builder response, AuthInfo info, long begin, Completion completion) {
		this.access.checkUnchanged(info);
		this.store.metrics().read(StoreMetrics.READONLY_TXN, true, begin);
		this.headers.complete(response.getHeaderBuilder());
		completion.done(response.build());
	}

	/**
	 * Compacts the history.
	 * @param request the request
	 * @param completion gets a {@code CompactionResponse}
	 */
	public void compact(CompactionRequest request, Completion completion) {
		Attempt.now(completion, () -> {
			this.access.checkAdmin(this.credentials);
			propose(InternalRaftRequest.newBuilder().setCompaction(request), completion);
		});
	}

	private void propose(InternalRaftRequest.Builder request, Completion completion) {
		this.access.propose(this.proposer, this.credentials, request, completion);
	}

}
