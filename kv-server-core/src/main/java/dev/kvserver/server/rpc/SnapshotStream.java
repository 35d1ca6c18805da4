package dev.kvserver.server.rpc;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

import com.google.protobuf.UnsafeByteOperations;
import dev.kvserver.proto.etcdserverpb.SnapshotResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.snapshot.SnapshotFile;
import dev.kvserver.server.snapshot.SnapshotMember;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * One Snapshot call: the file in blobs of 32 KiB, then its SHA-256. A blob is made when
 * the client takes it. Whoever holds {@code sending} owns the file; so whoever ends the
 * call closes it if nobody is sending, and otherwise the sender does.
 */
final class SnapshotStream {

	private static final int BLOB_BYTES = 32 * 1024;

	private final Snapshots snapshots;

	private final ServerCallStreamObserver<SnapshotResponse> observer;

	private final MessageDigest digest = sha256();

	/** Held by whoever sends: at first the start. */
	private final AtomicBoolean sending = new AtomicBoolean(true);

	private volatile boolean ended;

	private @Nullable SnapshotFile file;

	/** When the file was opened; of no meaning before. */
	private long begin;

	private String version = "";

	private long remainingBytes;

	SnapshotStream(Snapshots snapshots, ServerCallStreamObserver<SnapshotResponse> observer) {
		this.snapshots = snapshots;
		this.observer = observer;
	}

	private static MessageDigest sha256() {
		try {
			return MessageDigest.getInstance("SHA-256");
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every JVM has SHA-256", ex);
		}
	}

	void start() {
		execute(this::sendFirst);
	}

	boolean isEnded() {
		return this.ended;
	}

	void onReady() {
		if (!this.ended && this.observer.isReady() && this.sending.compareAndSet(false, true)) {
			execute(this::sendWhileReady);
		}
	}

	void onCancel() {
		this.ended = true;
		if (this.sending.compareAndSet(false, true)) {
			close();
		}
	}

	/** Runs a task that owns the file. */
	private void execute(Runnable task) {
		try {
			this.snapshots.executor().execute(() -> {
				try {
					task.run();
				}
				catch (RuntimeException ex) {
					failed(ex);
				}
				release();
			});
		}
		catch (RejectedExecutionException ex) {
			failed(EtcdError.STOPPED.exception());
			release();
		}
	}

	private void sendFirst() {
		if (!this.ended) {
			SnapshotMember member = this.snapshots.member();
			this.version = member.storageVersion();
			this.begin = Histogram.begin();
			SnapshotFile opened = this.snapshots.open(member, this);
			this.snapshots.metrics().snapshotsOpen().increment();
			this.file = opened;
			this.remainingBytes = opened.sizeBytes();
			sendWhileReady();
		}
	}

	private void sendWhileReady() {
		SnapshotFile open = this.file;
		while (open != null && !this.ended && this.observer.isReady()) {
			if (this.remainingBytes > 0) {
				byte[] blob = open.read(BLOB_BYTES);
				this.digest.update(blob);
				this.remainingBytes -= blob.length;
				send(blob);
			}
			else {
				send(this.digest.digest());
				this.ended = true;
				this.observer.onCompleted();
			}
		}
	}

	private void send(byte[] blob) {
		this.observer.onNext(SnapshotResponse.newBuilder()
			.setRemainingBytes(this.remainingBytes)
			.setBlob(UnsafeByteOperations.unsafeWrap(blob))
			.setVersion(this.version)
			.build());
	}

	private void failed(RuntimeException failure) {
		if (!this.ended) {
			this.ended = true;
			this.observer.onError(Statuses.of(failure));
		}
	}

	/** Lets others send; what they have missed meanwhile is made good. */
	private void release() {
		if (this.ended) {
			close();
			return;
		}
		this.sending.set(false);
		if (this.ended) {
			onCancel();
		}
		else {
			onReady();
		}
	}

	/** Called once, by the last owner, which stays the owner. */
	private void close() {
		SnapshotFile open = this.file;
		this.file = null;
		try {
			if (open != null) {
				this.snapshots.metrics().snapshotsOpen().add(-1);
				this.snapshots.metrics().snapshots().end(this.begin);
				open.close();
			}
		}
		finally {
			this.snapshots.ended();
		}
	}

}
