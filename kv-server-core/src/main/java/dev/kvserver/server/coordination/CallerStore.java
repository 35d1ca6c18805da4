package dev.kvserver.server.coordination;

import java.util.concurrent.CompletableFuture;

import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;

/**
 * The store as one caller may use it. Any thread may call, nothing blocks, and the
 * futures may be completed by any thread, which must not be blocked either. Refusals are
 * {@link dev.kvserver.server.error.EtcdException}.
 */
public interface CallerStore {

	/**
	 * Runs a txn.
	 * @param request the request
	 * @return the answer
	 */
	CompletableFuture<TxnResponse> txn(TxnRequest request);

	/**
	 * Reads a range.
	 * @param request the request
	 * @return the answer
	 */
	CompletableFuture<RangeResponse> range(RangeRequest request);

	/**
	 * Deletes a range.
	 * @param request the request
	 * @return the answer
	 */
	CompletableFuture<DeleteRangeResponse> deleteRange(DeleteRangeRequest request);

	/**
	 * Grants a lease.
	 * @param request the request; id 0 lets the server choose one
	 * @return the answer
	 */
	CompletableFuture<LeaseGrantResponse> leaseGrant(LeaseGrantRequest request);

	/**
	 * Watches keys until the watch is closed or ends.
	 * @param request the request
	 * @param watcher told what happens
	 * @return the watch
	 */
	Watch watch(WatchCreateRequest request, Watcher watcher);

	/** A running watch. */
	interface Watch extends AutoCloseable {

		/** Tells that the watcher is ready again. */
		void ready();

		/** Ends the watch; the watcher may still be called by a call under way. */
		@Override
		void close();

	}

	/** Is told what a watch sees, on the watch thread. */
	interface Watcher {

		/**
		 * Whether it takes more; after {@code false} it gets nothing until
		 * {@link Watch#ready()}.
		 * @return {@code true} unless it is behind
		 */
		default boolean isReady() {
			return true;
		}

		/**
		 * Takes a response as etcd would send it.
		 * @param response the response
		 */
		void onResponse(WatchResponse response);

		/** The server ends the watch, because it stops. */
		void onEnded();

	}

}
