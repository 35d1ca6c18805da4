package dev.kvserver.server.coordination;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3electionpb.CampaignResponse;
import dev.kvserver.proto.v3electionpb.LeaderKey;
import dev.kvserver.proto.v3electionpb.LeaderRequest;
import dev.kvserver.proto.v3electionpb.LeaderResponse;
import dev.kvserver.proto.v3electionpb.ProclaimRequest;
import dev.kvserver.proto.v3electionpb.ResignRequest;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Section 2.14: Campaign, Proclaim, Leader, Observe and Resign. */
class ElectionTests {

	private static final LeaderRequest NAME = LeaderRequest.newBuilder().setName(utf8("e")).build();

	private final CoordinationServer server = new CoordinationServer();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void theFirstCandidateLeadsAtOnce() {
		CampaignResponse won = this.server.election().campaign(campaign(this.server.lease(0x1f), "a"));
		assertThat(won.getLeader())
			.isEqualTo(LeaderKey.newBuilder().setName(utf8("e")).setKey(utf8("e/1f")).setRev(2).setLease(0x1f).build());
		assertThat(won.getHeader().getRevision()).isEqualTo(2);
		assertThat(this.server.election().leader(NAME).getKv().getValue()).isEqualTo(utf8("a"));
	}

	/** "The response header is that of the first txn, not of winning." */
	@Test
	void theNextCandidateLeadsWhenTheFirstResigns() throws Exception {
		CampaignResponse first = this.server.election().campaign(campaign(this.server.lease(1), "a"));
		ListenableFuture<CampaignResponse> second = this.server.electionLater()
			.campaign(campaign(this.server.lease(2), "b"));
		this.server.awaitKeys(2);
		assertThat(second.isDone()).isFalse();
		this.server.election().resign(ResignRequest.newBuilder().setLeader(first.getLeader()).build());
		assertThat(second.get().getHeader().getRevision()).isEqualTo(3);
		assertThat(second.get().getLeader().getRev()).isEqualTo(3);
		assertThat(this.server.election().leader(NAME).getKv().getValue()).isEqualTo(utf8("b"));
	}

	@Test
	void aCandidateThatLeavesTakesItsKeyAlong() throws Exception {
		this.server.election().campaign(campaign(this.server.lease(1), "a"));
		ListenableFuture<CampaignResponse> leaving = this.server.electionLater()
			.campaign(campaign(this.server.lease(2), "b"));
		this.server.awaitKeys(2);
		leaving.cancel(true);
		this.server.awaitKeys(1);
		assertThat(this.server.election().leader(NAME).getKv().getValue()).isEqualTo(utf8("a"));
	}

	@Test
	void campaigningAgainProclaimsTheNewValue() {
		CampaignResponse first = this.server.election().campaign(campaign(this.server.lease(1), "a"));
		CampaignResponse again = this.server.election().campaign(campaign(1, "b"));
		assertThat(again.getLeader()).isEqualTo(first.getLeader());
		assertThat(this.server.election().leader(NAME).getKv().getValue()).isEqualTo(utf8("b"));
	}

	@Test
	void onlyTheLeaderProclaims() {
		CampaignResponse won = this.server.election().campaign(campaign(this.server.lease(1), "a"));
		ProclaimRequest proclaim = ProclaimRequest.newBuilder().setLeader(won.getLeader()).setValue(utf8("b")).build();
		assertThat(this.server.election().proclaim(proclaim).getHeader().getRevision()).isEqualTo(3);
		LeaderKey other = won.getLeader().toBuilder().setRev(9).build();
		assertThatThrownBy(() -> this.server.election().proclaim(proclaim.toBuilder().setLeader(other).build()))
			.hasMessage("UNKNOWN: election: not leader");
		assertThatThrownBy(() -> this.server.election().proclaim(ProclaimRequest.getDefaultInstance()))
			.hasMessage("UNKNOWN: \"leader\" field must be provided");
	}

	@Test
	void resigningTwiceIsFine() {
		CampaignResponse won = this.server.election().campaign(campaign(this.server.lease(1), "a"));
		ResignRequest resign = ResignRequest.newBuilder().setLeader(won.getLeader()).build();
		assertThat(this.server.election().resign(resign).getHeader().getRevision()).isEqualTo(3);
		assertThat(this.server.election().resign(resign).getHeader().getRevision()).isEqualTo(3);
		assertThatThrownBy(() -> this.server.election().resign(ResignRequest.getDefaultInstance()))
			.hasMessage("UNKNOWN: \"leader\" field must be provided");
	}

	@Test
	void withoutCandidatesThereIsNoLeader() {
		assertThatThrownBy(() -> this.server.election().leader(NAME)).hasMessage("UNKNOWN: election: no leader");
		assertThatThrownBy(() -> this.server.election().campaign(campaign(77, "a")))
			.hasMessage("UNKNOWN: etcdserver: requested lease not found");
	}

	@Test
	void anObserverSeesEachLeaderAndEachOfItsValues() throws Exception {
		BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
		Context.CancellableContext observing = Context.current().withCancellation();
		observing.run(() -> this.server.electionStreams().observe(NAME, new Seen(seen)));
		CampaignResponse first = this.server.election().campaign(campaign(this.server.lease(1), "a"));
		assertThat(next(seen)).isEqualTo("a at 2");
		this.server.election()
			.proclaim(ProclaimRequest.newBuilder().setLeader(first.getLeader()).setValue(utf8("b")).build());
		assertThat(next(seen)).isEqualTo("b at 3");
		ListenableFuture<CampaignResponse> second = this.server.electionLater()
			.campaign(campaign(this.server.lease(2), "c"));
		this.server.awaitKeys(2);
		this.server.revoke(1);
		assertThat(next(seen)).isEqualTo("c at 4");
		this.server.revoke(second.get().getLeader().getLease());
		this.server.election().campaign(campaign(this.server.lease(3), "d"));
		assertThat(next(seen)).isEqualTo("d at 7");
		observing.cancel(null);
		assertThat(next(seen)).asString().contains("CANCELLED");
	}

	/** The candidate's key stays, as with etcd: its lease tells when it has given up. */
	@Test
	void aServerThatStopsSendsCandidatesAndObserversElsewhere() throws Exception {
		this.server.election().campaign(campaign(this.server.lease(1), "a"));
		BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
		this.server.electionStreams().observe(NAME, new Seen(seen));
		assertThat(next(seen)).isEqualTo("a at 2");
		ListenableFuture<CampaignResponse> waiting = this.server.electionLater()
			.campaign(campaign(this.server.lease(2), "b"));
		this.server.awaitKeys(2);
		this.server.drain();
		assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
			.hasRootCauseMessage("UNAVAILABLE: etcdserver: server stopped");
		assertThat(next(seen)).hasToString("io.grpc.StatusRuntimeException: UNAVAILABLE: etcdserver: server stopped");
		assertThat(this.server.keysInside()).isEqualTo(2);
	}

	private static Object next(BlockingQueue<Object> seen) throws InterruptedException {
		Object next = seen.poll(20, TimeUnit.SECONDS);
		assertThat(next).isNotNull();
		return next;
	}

	private static CampaignRequest campaign(long lease, String value) {
		return CampaignRequest.newBuilder().setName(utf8("e")).setLease(lease).setValue(utf8(value)).build();
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

	/** Keeps what an observer is told. */
	private record Seen(BlockingQueue<Object> seen) implements StreamObserver<LeaderResponse> {

		@Override
		public void onNext(LeaderResponse response) {
			this.seen.add(response.getKv().getValue().toStringUtf8() + " at " + response.getKv().getModRevision());
		}

		@Override
		public void onError(Throwable failure) {
			this.seen.add(failure);
		}

		@Override
		public void onCompleted() {
			this.seen.add("completed");
		}

	}

}
