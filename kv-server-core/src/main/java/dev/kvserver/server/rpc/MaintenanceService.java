package dev.kvserver.server.rpc;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmResponse;
import dev.kvserver.proto.etcdserverpb.DowngradeInfo;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.HashKVResponse;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
import dev.kvserver.proto.etcdserverpb.StatusResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.log.Log;
import dev.kvserver.server.mvcc.KvHash;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.StoreView;
import dev.kvserver.server.storage.Storage;
import io.grpc.stub.StreamObserver;

/**
 * {@code etcdserverpb.Maintenance}: what tools need to see of a member. RPCs not
 * overridden here answer Unimplemented.
 */
public final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {

	private static final long QUOTA_BYTES = 2L * 1024 * 1024 * 1024;

	private final String version;

	private final MvccStore store;

	private final Storage storage;

	private final Log log;

	private final ResponseHeaders headers;

	private final Executor readers;

	/**
	 * Makes the service.
	 * @param version the version to report
	 * @param store the store
	 * @param storage where it is kept
	 * @param log the log
	 * @param headers fills response headers
	 * @param readers computes hashes
	 */
	public MaintenanceService(String version, MvccStore store, Storage storage, Log log, ResponseHeaders headers,
			Executor readers) {
		this.version = version;
		this.store = store;
		this.storage = storage;
		this.log = log;
		this.headers = headers;
		this.readers = readers;
	}

	@Override
	public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
		StoreView view = this.store.view();
		ResponseHeader header = this.headers.current();
		observer.onNext(StatusResponse.newBuilder()
			.setHeader(header)
			.setVersion(this.version)
			.setDbSize(this.storage.sizeBytes())
			.setDbSizeInUse(this.storage.sizeInUseBytes())
			.setDbSizeQuota(QUOTA_BYTES)
			.setLeader(header.getMemberId())
			.setRaftIndex(this.log.lastIndex())
			.setRaftAppliedIndex(view.appliedIndex())
			.setRaftTerm(header.getRaftTerm())
			.setStorageVersion(this.version)
			.setDowngradeInfo(DowngradeInfo.getDefaultInstance())
			.build());
		observer.onCompleted();
	}

	/** Lists alarms. There is nothing yet that raises one. */
	@Override
	public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
		if (request.getAction() != AlarmRequest.AlarmAction.GET) {
			super.alarm(request, observer);
			return;
		}
		observer.onNext(AlarmResponse.newBuilder().setHeader(this.headers.current()).build());
		observer.onCompleted();
	}

	@Override
	public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
		Answer<HashKVResponse> answer = new Answer<>(observer);
		try {
			this.readers.execute(() -> {
				try {
					answer.done(hash(request));
				}
				catch (RuntimeException ex) {
					answer.failed(ex);
				}
			});
		}
		catch (RejectedExecutionException ex) {
			answer.failed(EtcdError.TOO_MANY_REQUESTS.exception());
		}
	}

	private HashKVResponse hash(HashKVRequest request) {
		KvHash hash = this.store.hash(request.getRevision());
		ResponseHeader.Builder header = ResponseHeader.newBuilder().setRevision(hash.currentRevision());
		return HashKVResponse.newBuilder()
			.setHeader(this.headers.complete(header))
			.setHash(hash.hash())
			.setCompactRevision(hash.compactRevision())
			.setHashRevision(hash.revision())
			.build();
	}

}
