package dev.kvserver.server;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

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
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import org.jspecify.annotations.Nullable;

/**
 * The store of a server in the same JVM, without network: the same checks, order and
 * guarantees as over gRPC, since the calls take the same path behind it.
 * <p>
 * Thread-safe. The asynchronous methods never block, except that a read may read a value
 * from the disk; a future completes on a thread of the server, so a stage that depends on
 * it must not block. Failures are {@code EtcdException}s for whatever etcd would answer
 * with an error. The methods with a {@code timeout} block; when it runs out they throw
 * {@link KvTimeoutException}, and whether a write has happened is then unknown.
 */
public interface KvStore {

	/**
	 * Reads a range.
	 * @param request etcd's request
	 * @return etcd's answer
	 */
	CompletableFuture<RangeResponse> range(RangeRequest request);

	/**
	 * Sets a key.
	 * @param request etcd's request
	 * @return etcd's answer, when the write is durable and readable
	 */
	CompletableFuture<PutResponse> put(PutRequest request);

	/**
	 * Deletes a range.
	 * @param request etcd's request
	 * @return etcd's answer, when the write is durable and readable
	 */
	CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request);

	/**
	 * Runs a transaction.
	 * @param request etcd's request
	 * @return etcd's answer, when its writes are durable and readable
	 */
	CompletableFuture<TxnResponse> txn(TxnRequest request);

	/**
	 * Compacts the history.
	 * @param request etcd's request
	 * @return etcd's answer
	 */
	CompletableFuture<CompactionResponse> compact(CompactionRequest request);

	/**
	 * Grants a lease.
	 * @param request etcd's request; id 0 picks one
	 * @return etcd's answer
	 */
	CompletableFuture<LeaseGrantResponse> leaseGrant(LeaseGrantRequest request);

	/**
	 * Revokes a lease and deletes its keys.
	 * @param request etcd's request
	 * @return etcd's answer
	 */
	CompletableFuture<LeaseRevokeResponse> leaseRevoke(LeaseRevokeRequest request);

	/**
	 * Renews a lease once.
	 * @param id the lease id
	 * @return etcd's answer; a time to live of 0 means that the lease is gone
	 */
	CompletableFuture<LeaseKeepAliveResponse> leaseKeepAlive(long id);

	/**
	 * Watches keys until the watch is closed or cancelled by the server.
	 * @param request etcd's request
	 * @param listener told what happens, in order
	 * @return the watch
	 */
	Watch watch(WatchCreateRequest request, WatchListener listener);

	/**
	 * Reads one key.
	 * @param key the key, not empty
	 * @param timeout how long to wait
	 * @return its value, or {@code null} if the key does not exist
	 */
	@Nullable ByteString get(String key, Duration timeout);

	/**
	 * Sets one key.
	 * @param key the key, not empty
	 * @param value the value
	 * @param timeout how long to wait
	 * @return the revision of the write
	 */
	long put(String key, ByteString value, Duration timeout);

	/**
	 * Deletes one key.
	 * @param key the key, not empty
	 * @param timeout how long to wait
	 * @return whether it existed
	 */
	boolean delete(String key, Duration timeout);

	/** A running watch. */
	interface Watch extends AutoCloseable {

		/**
		 * Ends the watch; the listener is not called any more once this has returned,
		 * unless by a call that was under way. Closing again does nothing.
		 */
		@Override
		void close();

	}

	/** Is told what a watch sees, on a thread of the server; must not block. */
	@FunctionalInterface
	interface WatchListener {

		/**
		 * Takes a response as etcd would send it: the first has {@code created} set, one
		 * with {@code canceled} set is the last.
		 * @param response the response
		 */
		void onResponse(WatchResponse response);

	}

}
