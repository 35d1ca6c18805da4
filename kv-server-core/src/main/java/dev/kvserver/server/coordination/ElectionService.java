package dev.kvserver.server.coordination;

import java.util.function.Supplier;

import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3electionpb.CampaignResponse;
import dev.kvserver.proto.v3electionpb.ElectionGrpc;
import dev.kvserver.proto.v3electionpb.LeaderRequest;
import dev.kvserver.proto.v3electionpb.LeaderResponse;
import dev.kvserver.proto.v3electionpb.ProclaimRequest;
import dev.kvserver.proto.v3electionpb.ProclaimResponse;
import dev.kvserver.proto.v3electionpb.ResignRequest;
import dev.kvserver.proto.v3electionpb.ResignResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** {@code v3electionpb.Election}. */
public final class ElectionService extends ElectionGrpc.ElectionImplBase {

	private final Supplier<CallerStore> stores;

	private final OpenCalls calls = new OpenCalls();

	/**
	 * Makes the service.
	 * @param stores the store with the rights of the present caller; asked when a call
	 * begins
	 */
	public ElectionService(Supplier<CallerStore> stores) {
		this.stores = stores;
	}

	/**
	 * Ends all calls that wait or observe with {@code STOPPED}, those to come included.
	 * Any thread.
	 */
	public void drain() {
		this.calls.drain();
	}

	@Override
	public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> observer) {
		new CampaignCall(this.stores.get(), this.calls, request).start(observer);
	}

	@Override
	public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> observer) {
		new ProclaimCall(this.stores.get(), this.calls, request).start(observer);
	}

	@Override
	public void leader(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
		new LeaderCall(this.stores.get(), this.calls, request).start(observer);
	}

	@Override
	public void observe(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
		new Observation(this.stores.get(), this.calls, request.getName(),
				(ServerCallStreamObserver<LeaderResponse>) observer)
			.start();
	}

	@Override
	public void resign(ResignRequest request, StreamObserver<ResignResponse> observer) {
		new ResignCall(this.stores.get(), this.calls, request).start(observer);
	}

}
