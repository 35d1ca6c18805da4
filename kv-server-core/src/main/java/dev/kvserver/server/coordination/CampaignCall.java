package dev.kvserver.server.coordination;

import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3electionpb.CampaignResponse;
import dev.kvserver.proto.v3electionpb.LeaderKey;

/**
 * One candidacy: a key of one's own under the election's name, whose value is the
 * proposal; the oldest key is the leader's. The answer's header is that of the entry.
 */
final class CampaignCall extends CoordinationCall<CampaignResponse> {

	private final CampaignRequest request;

	private final ByteString prefix;

	CampaignCall(CallerStore store, OpenCalls calls, CampaignRequest request) {
		super(store, calls);
		this.request = request;
		this.prefix = Keys.prefix(request.getName());
	}

	@Override
	CompletableFuture<CampaignResponse> run() {
		return session(this.request.getLease()).thenCompose((lease) -> {
			ByteString key = Keys.key(this.prefix, lease);
			TxnRequest enter = TxnRequest.newBuilder()
				.addCompare(Keys.createdAt(key, 0))
				.addSuccess(Keys.put(key, this.request.getValue(), lease))
				.addFailure(Keys.get(Keys.one(key)))
				.build();
			return store().txn(enter).thenCompose((entered) -> entered(key, lease, entered));
		});
	}

	private CompletableFuture<CampaignResponse> entered(ByteString key, long lease, TxnResponse entered) {
		LeaderKey.Builder leader = LeaderKey.newBuilder().setName(this.request.getName()).setKey(key).setLease(lease);
		ResponseHeader header = entered.getHeader();
		if (entered.getSucceeded()) {
			return await(leader.setRev(header.getRevision()).build(), header);
		}
		KeyValue existing = entered.getResponses(0).getResponseRange().getKvs(0);
		LeaderKey own = leader.setRev(existing.getCreateRevision()).build();
		if (existing.getValue().equals(this.request.getValue())) {
			return await(own, header);
		}
		return Candidacy.proclaim(store(), own, this.request.getValue())
			.thenCompose((proclaimed) -> await(own, header));
	}

	private CompletableFuture<CampaignResponse> await(LeaderKey own, ResponseHeader header) {
		CampaignResponse response = CampaignResponse.newBuilder().setHeader(header).setLeader(own).build();
		CompletableFuture<CampaignResponse> outcome = await(new Turn(store(), this.prefix, own.getRev()))
			.thenApply((turn) -> response);
		return undoing(outcome, (failure) -> isCancelled(), () -> Candidacy.resign(store(), own));
	}

}
