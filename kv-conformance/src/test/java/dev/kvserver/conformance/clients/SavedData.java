package dev.kvserver.conformance.clients;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.proto.etcdserverpb.HashKVRequest;
import dev.kvserver.proto.etcdserverpb.HashKVResponse;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kvserver.proto.etcdserverpb.LeaseStatus;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.mvccpb.KeyValue;

/**
 * All that a server has that must be the same after its snapshot has become the data of
 * another one.
 *
 * @param revision the current revision
 * @param hash the hash of the history up to there
 * @param compactRevision the compact revision that the hash is of
 * @param keys all keys with values, versions and leases
 * @param leases time granted and keys of each lease
 */
record SavedData(long revision, int hash, long compactRevision, List<KeyValue> keys, Map<Long, String> leases) {

	private static final ByteString ALL = ByteString.copyFrom(new byte[] { 0 });

	static SavedData of(int port) {
		try (Connection connection = new Connection(port)) {
			RangeResponse range = KVGrpc.newBlockingStub(connection.channel())
				.range(RangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).build());
			HashKVResponse hash = MaintenanceGrpc.newBlockingStub(connection.channel())
				.hashKV(HashKVRequest.newBuilder().setRevision(range.getHeader().getRevision()).build());
			return new SavedData(range.getHeader().getRevision(), hash.getHash(), hash.getCompactRevision(),
					range.getKvsList(), leases(LeaseGrpc.newBlockingStub(connection.channel())));
		}
	}

	private static Map<Long, String> leases(LeaseGrpc.LeaseBlockingStub stub) {
		Map<Long, String> leases = new TreeMap<>();
		for (LeaseStatus lease : stub.leaseLeases(LeaseLeasesRequest.getDefaultInstance()).getLeasesList()) {
			LeaseTimeToLiveResponse answer = stub
				.leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(lease.getID()).setKeys(true).build());
			List<String> keys = answer.getKeysList().stream().map(ByteString::toStringUtf8).sorted().toList();
			leases.put(lease.getID(), answer.getGrantedTTL() + " " + keys);
		}
		return leases;
	}

	SavedData withoutHash() {
		return new SavedData(this.revision, 0, this.compactRevision, this.keys, this.leases);
	}

	@Override
	public String toString() {
		return "revision " + this.revision + ", hash " + this.hash + " above " + this.compactRevision + ", "
				+ this.keys.size() + " keys, leases " + this.leases;
	}

}
