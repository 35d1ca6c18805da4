package dev.kvserver.server.rpc;

import java.util.List;

import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.Member;
import dev.kvserver.proto.etcdserverpb.MemberListRequest;
import dev.kvserver.proto.etcdserverpb.MemberListResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import io.grpc.stub.StreamObserver;

/**
 * {@code etcdserverpb.Cluster} of a cluster with one member. RPCs not overridden here
 * answer Unimplemented.
 */
public final class ClusterService extends ClusterGrpc.ClusterImplBase {

	private final ResponseHeaders headers;

	private final Member.Builder member;

	private volatile List<String> clientUrls = List.of();

	/**
	 * Makes the service.
	 * @param headers fills response headers
	 * @param memberId the member's id
	 * @param name the member's name
	 * @param peerUrls the member's peer URLs
	 */
	public ClusterService(ResponseHeaders headers, long memberId, String name, List<String> peerUrls) {
		this.headers = headers;
		this.member = Member.newBuilder().setID(memberId).setName(name).addAllPeerURLs(peerUrls);
	}

	/**
	 * Sets the URLs that clients are told to use. Any thread.
	 * @param urls the URLs
	 */
	public void advertise(List<String> urls) {
		this.clientUrls = List.copyOf(urls);
	}

	/** The header of a cluster answer has no revision, as in etcd. */
	@Override
	public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
		ResponseHeader header = this.headers.current().toBuilder().clearRevision().build();
		observer.onNext(MemberListResponse.newBuilder()
			.setHeader(header)
			.addMembers(this.member.clone().addAllClientURLs(this.clientUrls))
			.build());
		observer.onCompleted();
	}

}
