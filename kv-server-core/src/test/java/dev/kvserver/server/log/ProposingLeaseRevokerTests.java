package dev.kvserver.server.log;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.LeaseExpireRequest;
import dev.kvserver.server.error.EtcdError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ProposingLeaseRevokerTests {

	private final List<InternalRaftRequest> requests = new ArrayList<>();

	private final List<Completion> completions = new ArrayList<>();

	@Test
	void allLeasesGoIntoOneEntry() {
		ProposingLeaseRevoker revoker = new ProposingLeaseRevoker(this::accept);
		assertThat(revoker.revoke(new long[] { 5, -6, Long.MAX_VALUE })).isTrue();
		assertThat(this.requests).containsExactly(InternalRaftRequest.newBuilder()
			.setLeaseExpire(LeaseExpireRequest.newBuilder().addIDs(5).addIDs(-6).addIDs(Long.MAX_VALUE))
			.build());
	}

	@Test
	void refusalAtOnceIsReported() {
		ProposingLeaseRevoker revoker = new ProposingLeaseRevoker(
				(request, completion) -> completion.failed(EtcdError.TOO_MANY_REQUESTS.exception()));
		assertThat(revoker.revoke(new long[] { 5 })).isFalse();
	}

	@Test
	void laterOutcomeIsLeftToTheLeases() {
		ProposingLeaseRevoker revoker = new ProposingLeaseRevoker(this::accept);
		assertThat(revoker.revoke(new long[] { 5 })).isTrue();
		assertThat(revoker.revoke(new long[] { 6 })).isTrue();
		this.completions.get(0).failed(EtcdError.STOPPED.exception());
		this.completions.get(1).done(LeaseExpireRequest.getDefaultInstance());
	}

	private void accept(InternalRaftRequest request, Completion completion) {
		this.requests.add(request);
		this.completions.add(completion);
	}

}
