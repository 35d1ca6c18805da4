package dev.kvserver.server.rpc;

import java.util.concurrent.Executor;
import java.util.function.Supplier;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AlarmMember;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmResponse;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.DefragmentRequest;
import dev.kvserver.proto.etcdserverpb.DefragmentResponse;
import dev.kvserver.proto.etcdserverpb.DowngradeRequest;
import dev.kvserver.proto.etcdserverpb.DowngradeResponse;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.HashKVResponse;
import dev.kvserver.proto.etcdserverpb.HashRequest;
import dev.kvserver.proto.etcdserverpb.HashResponse;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.MoveLeaderRequest;
import dev.kvserver.proto.etcdserverpb.MoveLeaderResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.SnapshotRequest;
import dev.kvserver.proto.etcdserverpb.SnapshotResponse;
import dev.kvserver.proto.etcdserverpb.StatusRequest;
import dev.kvserver.proto.etcdserverpb.StatusResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.mvcc.KvHash;
import dev.kvserver.server.mvcc.StoreView;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * {@code etcdserverpb.Maintenance}: what tools need to see of a member. RPCs not
 * overridden here answer Unimplemented.
 */
public final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {

	private final String version;

	private final MemberState state;

	private final Proposer proposer;

	private final ResponseHeaders headers;

	private final Executor jobs;

	private final Snapshots snapshots;

	private final Downgrades downgrades;

	/**
	 * Makes the service.
	 * @param version the version to report
	 * @param state what is looked after
	 * @param proposer the way into the log
	 * @param headers fills response headers
	 * @param jobs does what takes long, one job at a time; bounded, and may reject
	 * @param snapshots carries the snapshot calls out
	 */
	public MaintenanceService(String version, MemberState state, Proposer proposer, ResponseHeaders headers,
			Executor jobs, Snapshots snapshots) {
		this.version = version;
		this.state = state;
		this.proposer = proposer;
		this.headers = headers;
		this.jobs = jobs;
		this.snapshots = snapshots;
		this.downgrades = new Downgrades(version, state.membership(), proposer, headers);
	}

	@Override
	public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
		StoreView view = this.state.store().view();
		ResponseHeader header = this.headers.current();
		StatusResponse.Builder response = StatusResponse.newBuilder()
			.setHeader(header)
			.setVersion(this.version)
			.setDbSize(this.state.storage().sizeBytes())
			.setDbSizeInUse(this.state.storage().sizeInUseBytes())
			.setDbSizeQuota(this.state.quota().reportedBytes())
			.setLeader(header.getMemberId())
			.setRaftIndex(this.state.log().lastIndex())
			.setRaftAppliedIndex(view.appliedIndex())
			.setRaftTerm(header.getRaftTerm())
			.setStorageVersion(this.version)
			.setDowngradeInfo(this.state.membership().downgrade());
		for (AlarmMember alarm : this.state.alarms().active(AlarmType.NONE)) {
			response.addErrors(text(alarm));
		}
		observer.onNext(response.build());
		observer.onCompleted();
	}

	/** As protobuf for Go prints the message: without what is zero. */
	private static String text(AlarmMember alarm) {
		String member = (alarm.getMemberID() != 0) ? "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " "
				: "";
		return member + "alarm:" + alarm.getAlarm().name();
	}

	/** What names no known alarm must not get into the log. */
	@Override
	public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
		if (request.getAlarm() == AlarmType.UNRECOGNIZED) {
			observer.onError(Statuses.of(EtcdError.UNKNOWN_METHOD.exception()));
			return;
		}
		switch (request.getAction()) {
			case GET -> {
				observer.onNext(AlarmResponse.newBuilder()
					.setHeader(this.headers.current())
					.addAllAlarms(this.state.alarms().active(request.getAlarm()))
					.build());
				observer.onCompleted();
			}
			case ACTIVATE, DEACTIVATE -> this.proposer
				.propose(InternalRaftRequest.newBuilder().setAlarm(request).build(), new Answer<>(observer));
			case UNRECOGNIZED -> observer.onError(Statuses.of(EtcdError.UNKNOWN_METHOD.exception()));
		}
	}

	/** The store is merged piece by piece, and goes on serving meanwhile. */
	@Override
	public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> observer) {
		later(new Answer<>(observer), () -> {
			this.state.store().metrics().maintenance().defragment(this.state.storage()::defragment);
			return DefragmentResponse.getDefaultInstance();
		});
	}

	/** For tests of etcd itself; the order of the buckets is that of etcd's file. */
	@Override
	public void hash(HashRequest request, StreamObserver<HashResponse> observer) {
		later(new Answer<>(observer), () -> {
			long begin = Histogram.begin();
			int hash = StorageHash.of(this.state.storage());
			this.state.store().metrics().hashes().end(begin);
			return HashResponse.newBuilder().setHeader(this.headers.current()).setHash(hash).build();
		});
	}

	@Override
	public void downgrade(DowngradeRequest request, StreamObserver<DowngradeResponse> observer) {
		this.downgrades.handle(request, new Answer<>(observer));
	}

	/** The only member leads, and can only be asked to go on. */
	@Override
	public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
		if (request.getTargetID() != this.headers.current().getMemberId()) {
			observer.onError(Statuses.of(EtcdError.BAD_LEADER_TRANSFEREE.exception()));
			return;
		}
		observer.onNext(MoveLeaderResponse.getDefaultInstance());
		observer.onCompleted();
	}

	@Override
	public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
		later(new Answer<>(observer), () -> hash(request));
	}

	@Override
	public void snapshot(SnapshotRequest request, StreamObserver<SnapshotResponse> observer) {
		this.snapshots.start((ServerCallStreamObserver<SnapshotResponse>) observer);
	}

	private void later(Answer<?> answer, Supplier<Message> work) {
		Attempt.on(this.jobs, answer, () -> answer.done(work.get()));
	}

	private HashKVResponse hash(HashKVRequest request) {
		KvHash hash = this.state.store().hash(request.getRevision());
		ResponseHeader.Builder header = ResponseHeader.newBuilder().setRevision(hash.currentRevision());
		return HashKVResponse.newBuilder()
			.setHeader(this.headers.complete(header))
			.setHash(hash.hash())
			.setCompactRevision(hash.compactRevision())
			.setHashRevision(hash.revision())
			.build();
	}

}
