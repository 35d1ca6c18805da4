package dev.kvserver.server;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.CompactionResponse;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.server.coordination.CallerStore;
import dev.kvserver.server.rpc.KvRequests;
import org.jspecify.annotations.Nullable;

/** The embedded store: turns completions into futures. */
final class EmbeddedKvStore implements KvStore, CallerStore {

	private final KvRequests requests;

	private final EmbeddedLeases leases;

	private final EmbeddedWatches watches;

	EmbeddedKvStore(KvRequests requests, EmbeddedLeases leases, EmbeddedWatches watches) {
		this.requests = requests;
		this.leases = leases;
		this.watches = watches;
	}

	@Override
	public CompletableFuture<RangeResponse> range(RangeRequest request) {
		FutureCompletion<RangeResponse> future = new FutureCompletion<>(RangeResponse.class);
		this.requests.range(request, future);
		return future.future();
	}

	@Override
	public CompletableFuture<PutResponse> put(PutRequest request) {
		FutureCompletion<PutResponse> future = new FutureCompletion<>(PutResponse.class);
		this.requests.put(request, future);
		return future.future();
	}

	@Override
	public CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request) {
		FutureCompletion<DeleteRangeResponse> future = new FutureCompletion<>(DeleteRangeResponse.class);
		this.requests.deleteRange(request, future);
		return future.future();
	}

	@Override
	public CompletableFuture<TxnResponse> txn(TxnRequest request) {
		FutureCompletion<TxnResponse> future = new FutureCompletion<>(TxnResponse.class);
		this.requests.txn(request, future);
		return future.future();
	}

	@Override
	public CompletableFuture<CompactionResponse> compact(CompactionRequest request) {
		FutureCompletion<CompactionResponse> future = new FutureCompletion<>(CompactionResponse.class);
		this.requests.compact(request, future);
		return future.future();
	}

	@Override
	public CompletableFuture<LeaseGrantResponse> leaseGrant(LeaseGrantRequest request) {
		return this.leases.grant(request);
	}

	@Override
	public CompletableFuture<LeaseRevokeResponse> leaseRevoke(LeaseRevokeRequest request) {
		return this.leases.revoke(request);
	}

	@Override
	public CompletableFuture<LeaseKeepAliveResponse> leaseKeepAlive(long id) {
		return this.leases.keepAlive(id);
	}

	@Override
	public CallerStore.Watch watch(WatchCreateRequest request, Watcher watcher) {
		return this.watches.open(request, watcher);
	}

	@Override
	public KvStore.Watch watch(WatchCreateRequest request, WatchListener listener) {
		return this.watches.open(request, listener);
	}

	@Override
	public @Nullable ByteString get(String key, Duration timeout) {
		RangeRequest request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
		RangeResponse response = await(range(request), timeout);
		return (response.getKvsCount() > 0) ? response.getKvs(0).getValue() : null;
	}

	@Override
	public long put(String key, ByteString value, Duration timeout) {
		PutRequest request = PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setValue(value).build();
		return await(put(request), timeout).getHeader().getRevision();
	}

	@Override
	public boolean delete(String key, Duration timeout) {
		DeleteRangeRequest request = DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).build();
		return await(deleteRange(request), timeout).getDeleted() > 0;
	}

	private static <T> T await(CompletableFuture<T> future, Duration timeout) {
		try {
			return future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			throw new KvTimeoutException("No answer within " + timeout);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new CancellationException("Interrupted while waiting for an answer");
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof RuntimeException failure) {
				throw failure;
			}
			throw new IllegalStateException(ex.getCause());
		}
	}

}
