package dev.kvserver.server;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.CompactionResponse;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
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

}
