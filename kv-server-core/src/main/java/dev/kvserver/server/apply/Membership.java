package dev.kvserver.server.apply;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.proto.etcdserverpb.DowngradeInfo;
import dev.kvserver.proto.etcdserverpb.Member;
import dev.kvserver.proto.etcdserverpb.MemberUpdateRequest;
import dev.kvserver.proto.membershippb.DowngradeInfoSetRequest;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.StorageException;
import dev.kvserver.server.storage.WriteBatch;

/**
 * What the cluster knows of its one member. Its ids never change, its peer URLs may: the
 * apply thread changes them, everybody reads.
 */
public final class Membership {

	private static final byte[] DOWNGRADE = "downgrade".getBytes(StandardCharsets.US_ASCII);

	private final long memberId;

	private volatile List<String> peerUrls;

	private volatile DowngradeInfo downgrade;

	private Membership(long memberId, List<String> peerUrls, DowngradeInfo downgrade) {
		this.memberId = memberId;
		this.peerUrls = peerUrls;
		this.downgrade = downgrade;
	}

	/**
	 * Reads the stored member. Before the apply thread starts; blocks on the disk.
	 * @param storage the storage
	 * @param memberId the id of the member
	 * @param initialPeerUrls its peer URLs as long as they have not been changed
	 * @return the membership
	 */
	public static Membership load(Storage storage, long memberId, List<String> initialPeerUrls) {
		byte[] stored = storage.get(Bucket.MEMBERS, key(memberId));
		byte[] downgrade = storage.get(Bucket.META, DOWNGRADE);
		try {
			List<String> urls = (stored != null) ? Member.parseFrom(stored).getPeerURLsList() : initialPeerUrls;
			return new Membership(memberId, List.copyOf(urls),
					DowngradeInfo.parseFrom((downgrade != null) ? downgrade : new byte[0]));
		}
		catch (InvalidProtocolBufferException ex) {
			throw new StorageException("the stored member cannot be read", ex);
		}
	}

	/**
	 * The member's id.
	 * @return the id
	 */
	public long memberId() {
		return this.memberId;
	}

	/**
	 * The member's peer URLs. Any thread.
	 * @return the URLs
	 */
	public List<String> peerUrls() {
		return this.peerUrls;
	}

	void update(MemberUpdateRequest request, WriteBatch batch) {
		Member member = Member.newBuilder().setID(this.memberId).addAllPeerURLs(request.getPeerURLsList()).build();
		batch.put(Bucket.MEMBERS, key(this.memberId), member.toByteArray());
		this.peerUrls = List.copyOf(request.getPeerURLsList());
	}

	/**
	 * Whether the cluster is being downgraded. Any thread.
	 * @return the state
	 */
	public DowngradeInfo downgrade() {
		return this.downgrade;
	}

	void downgrade(DowngradeInfoSetRequest request, WriteBatch batch) {
		DowngradeInfo next = request.getEnabled()
				? DowngradeInfo.newBuilder().setEnabled(true).setTargetVersion(request.getVer()).build()
				: DowngradeInfo.getDefaultInstance();
		batch.put(Bucket.META, DOWNGRADE, next.toByteArray());
		this.downgrade = next;
	}

	private static byte[] key(long memberId) {
		return ByteBuffer.allocate(Long.BYTES).putLong(memberId).array();
	}

}
