package dev.kvserver.server.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Who this member is. Computed once as etcd does for initial members (etcd-contract
 * section 2.11), then kept with the data. Both ids are unsigned.
 *
 * @param clusterId the id of the cluster
 * @param memberId the id of this member
 */
public record MemberIdentity(long clusterId, long memberId) {

	/** etcd's peer URL unless told otherwise. */
	public static final String PEER_URL_DEFAULT = "http://localhost:2380";

	/** etcd's cluster token unless told otherwise. */
	public static final String CLUSTER_TOKEN_DEFAULT = "etcd-cluster";

	/**
	 * The identity of the only member of a new cluster.
	 * @param peerUrls the member's peer URLs, at least one, in any order
	 * @param clusterToken the token that tells clusters with equal URLs apart
	 * @return the identity
	 */
	public static MemberIdentity ofOnlyMember(List<String> peerUrls, String clusterToken) {
		List<String> sorted = new ArrayList<>(peerUrls);
		Collections.sort(sorted);
		String named = String.join("", sorted) + clusterToken;
		long memberId = firstBytesOfSha1(named.getBytes(StandardCharsets.UTF_8));
		long clusterId = firstBytesOfSha1(ByteBuffer.allocate(Long.BYTES).putLong(memberId).array());
		return new MemberIdentity(clusterId, memberId);
	}

	private static long firstBytesOfSha1(byte[] content) {
		try {
			return ByteBuffer.wrap(MessageDigest.getInstance("SHA-1").digest(content)).getLong();
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every JVM has SHA-1", ex);
		}
	}

	@Override
	public String toString() {
		return "cluster " + Long.toHexString(this.clusterId) + ", member " + Long.toHexString(this.memberId);
	}

}
