package dev.kvserver.server.rpc;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collections;
import java.util.List;
import java.util.Set;

import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.Member;
import dev.kvserver.proto.etcdserverpb.MemberAddRequest;
import dev.kvserver.proto.etcdserverpb.MemberAddResponse;
import dev.kvserver.proto.etcdserverpb.MemberListRequest;
import dev.kvserver.proto.etcdserverpb.MemberListResponse;
import dev.kvserver.proto.etcdserverpb.MemberPromoteRequest;
import dev.kvserver.proto.etcdserverpb.MemberPromoteResponse;
import dev.kvserver.proto.etcdserverpb.MemberRemoveRequest;
import dev.kvserver.proto.etcdserverpb.MemberRemoveResponse;
import dev.kvserver.proto.etcdserverpb.MemberUpdateRequest;
import dev.kvserver.proto.etcdserverpb.MemberUpdateResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.server.apply.Membership;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.log.Proposer;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * {@code etcdserverpb.Cluster}, of a cluster with one member (etcd-contract section
 * 2.11). A second member is refused: the first would wait for it with every write, and it
 * could not join.
 */
public final class ClusterService extends ClusterGrpc.ClusterImplBase {

	private static final Set<String> SCHEMES = Set.of("http", "https", "unix", "unixs");

	private final ResponseHeaders headers;

	private final Membership membership;

	private final Proposer proposer;

	private final String name;

	private final Access access;

	private volatile List<String> clientUrls = List.of();

	/**
	 * Makes the service.
	 * @param headers fills response headers
	 * @param membership the member
	 * @param proposer the way into the log
	 * @param name the member's name
	 * @param access asks about callers
	 */
	public ClusterService(ResponseHeaders headers, Membership membership, Proposer proposer, String name,
			Access access) {
		this.headers = headers;
		this.membership = membership;
		this.proposer = proposer;
		this.name = name;
		this.access = access;
	}

	/**
	 * Sets the URLs that clients are told to use. Any thread.
	 * @param urls the URLs
	 */
	public void advertise(List<String> urls) {
		this.clientUrls = List.copyOf(urls);
	}

	@Override
	public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
		observer.onNext(MemberListResponse.newBuilder().setHeader(header()).addMembers(member()).build());
		observer.onCompleted();
	}

	/** As in etcd the URLs are looked at before the caller. */
	@Override
	public void memberAdd(MemberAddRequest request, StreamObserver<MemberAddResponse> observer) {
		try {
			requireUrls(request.getPeerURLsList());
			this.access.checkAdmin(this.access.ofCall());
		}
		catch (EtcdException ex) {
			observer.onError(Statuses.of(ex));
			return;
		}
		if (Collections.disjoint(this.membership.peerUrls(), request.getPeerURLsList())) {
			observer.onError(Status.UNIMPLEMENTED
				.withDescription("this server is a cluster of one member, and cannot be joined yet")
				.asRuntimeException());
			return;
		}
		observer.onError(Statuses.of(EtcdError.PEER_URL_EXISTS.exception()));
	}

	@Override
	public void memberRemove(MemberRemoveRequest request, StreamObserver<MemberRemoveResponse> observer) {
		observer.onError(
				Statuses.of((isSelf(request.getID()) ? EtcdError.MEMBER_NOT_ENOUGH_STARTED : EtcdError.MEMBER_NOT_FOUND)
					.exception()));
	}

	@Override
	public void memberUpdate(MemberUpdateRequest request, StreamObserver<MemberUpdateResponse> observer) {
		Answer<MemberUpdateResponse> answer = new Answer<>(observer);
		try {
			requireUrls(request.getPeerURLsList());
			if (!isSelf(request.getID())) {
				throw EtcdError.MEMBER_NOT_FOUND.exception();
			}
		}
		catch (EtcdException ex) {
			answer.failed(ex);
			return;
		}
		this.proposer.propose(InternalRaftRequest.newBuilder().setMemberUpdate(request).build(), Answer
			.instead(() -> MemberUpdateResponse.newBuilder().setHeader(header()).addMembers(member()).build(), answer));
	}

	@Override
	public void memberPromote(MemberPromoteRequest request, StreamObserver<MemberPromoteResponse> observer) {
		observer.onError(Statuses
			.of((isSelf(request.getID()) ? EtcdError.MEMBER_NOT_LEARNER : EtcdError.MEMBER_NOT_FOUND).exception()));
	}

	private boolean isSelf(long id) {
		return id == this.membership.memberId();
	}

	/** The header of a cluster answer has no revision, as in etcd. */
	private ResponseHeader header() {
		return this.headers.current().toBuilder().clearRevision().build();
	}

	private Member member() {
		return Member.newBuilder()
			.setID(this.membership.memberId())
			.setName(this.name)
			.addAllPeerURLs(this.membership.peerUrls())
			.addAllClientURLs(this.clientUrls)
			.build();
	}

	/** At least one, each with a scheme, a host and a port, and nothing behind. */
	private static void requireUrls(List<String> urls) {
		boolean valid = !urls.isEmpty();
		for (String url : urls) {
			valid &= isUrl(url);
		}
		if (!valid) {
			throw EtcdError.MEMBER_BAD_URLS.exception();
		}
	}

	private static boolean isUrl(String url) {
		try {
			URI uri = new URI(url);
			boolean socket = uri.getScheme() != null && uri.getScheme().startsWith("unix");
			return uri.getScheme() != null && SCHEMES.contains(uri.getScheme())
					&& (socket || (uri.getHost() != null && uri.getPort() >= 0 && uri.getPath().isEmpty()));
		}
		catch (URISyntaxException ex) {
			return false;
		}
	}

}
