package dev.kvserver.server.rpc;

import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

import dev.kvserver.proto.etcdserverpb.SnapshotResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.metrics.MaintenanceMetrics;
import dev.kvserver.server.snapshot.SnapshotFile;
import dev.kvserver.server.snapshot.SnapshotMember;
import dev.kvserver.server.storage.Storage;
import io.grpc.stub.ServerCallStreamObserver;

/**
 * Starts the Snapshot calls (etcd-contract section 2.12), a few at a time: each keeps the
 * space of what is removed from the store meanwhile.
 */
public final class Snapshots {

	/** The most calls that may be under way. */
	public static final int CALLS_MAX = 8;

	private final Storage storage;

	private final Supplier<SnapshotMember> member;

	private final Executor executor;

	private final MaintenanceMetrics metrics;

	private final Semaphore calls = new Semaphore(CALLS_MAX);

	/**
	 * Joins the parts.
	 * @param storage what is saved
	 * @param member whose it is, asked for each call
	 * @param executor reads the store; takes {@link #CALLS_MAX} tasks at least
	 * @param metrics count the calls
	 */
	public Snapshots(Storage storage, Supplier<SnapshotMember> member, Executor executor, MaintenanceMetrics metrics) {
		this.metrics = metrics;
		this.storage = storage;
		this.member = member;
		this.executor = executor;
	}

	void start(ServerCallStreamObserver<SnapshotResponse> observer) {
		if (!this.calls.tryAcquire()) {
			observer.onError(Statuses.of(EtcdError.TOO_MANY_REQUESTS.exception()));
			return;
		}
		SnapshotStream stream = new SnapshotStream(this, observer);
		observer.setOnReadyHandler(stream::onReady);
		observer.setOnCancelHandler(stream::onCancel);
		stream.start();
	}

	SnapshotFile open(SnapshotMember saved, SnapshotStream stream) {
		return SnapshotFile.open(this.storage, saved, stream::isEnded);
	}

	MaintenanceMetrics metrics() {
		return this.metrics;
	}

	SnapshotMember member() {
		return this.member.get();
	}

	Executor executor() {
		return this.executor;
	}

	void ended() {
		this.calls.release();
	}

}
