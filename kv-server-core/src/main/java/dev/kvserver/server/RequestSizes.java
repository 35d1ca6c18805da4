package dev.kvserver.server;

import com.google.protobuf.CodedOutputStream;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.RequestHeader;

/**
 * How large etcd takes a request to be. It compares the encoded request with its limit,
 * header included, and in the header is an id:
 *
 * <pre>
 *   | 2 bytes of the member's id | 5 bytes of time | 1 byte that counts |
 * </pre>
 *
 * whose encoding takes up to ten bytes, depending on the member's id. Our log has no need
 * of it, but the largest request is the same. Answers to etcd's {@code pkg/idutil}.
 */
final class RequestSizes {

	private static final int MEMBER_SHIFT = 48;

	/** The highest bit of the time that is set, in this decade and the next. */
	private static final long TIME = 1L << 46;

	private RequestSizes() {
	}

	/**
	 * What the header adds to a request without authentication.
	 * @param memberId the member's id
	 * @return bytes
	 */
	static int headerBytes(long memberId) {
		long id = memberId << MEMBER_SHIFT | TIME;
		int idBytes = CodedOutputStream.computeUInt64Size(RequestHeader.ID_FIELD_NUMBER, id);
		return CodedOutputStream.computeTagSize(InternalRaftRequest.HEADER_FIELD_NUMBER)
				+ CodedOutputStream.computeUInt32SizeNoTag(idBytes) + idBytes;
	}

}
