package dev.kvserver.server.apply;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.error.EtcdError;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what must not be done while an alarm is raised: with CORRUPT every change, with
 * NOSPACE what takes space. Disarming always works (etcd-contract section 2.12).
 */
final class AlarmApplier implements Applier {

	private final AlarmStore alarms;

	private final Applier next;

	AlarmApplier(AlarmStore alarms, Applier next) {
		this.alarms = alarms;
		this.next = next;
	}

	@Override
	public Message.@Nullable Builder apply(InternalRaftRequest request, @Nullable PhysicalCompaction waiting) {
		if (this.alarms.isActive(AlarmType.CORRUPT) && changesData(request)) {
			throw EtcdError.CORRUPT.exception();
		}
		if (this.alarms.isActive(AlarmType.NOSPACE) && SpaceCost.of(request) > 0) {
			throw EtcdError.NO_SPACE.exception();
		}
		return this.next.apply(request, waiting);
	}

	private static boolean changesData(InternalRaftRequest request) {
		return request.hasPut() || request.hasDeleteRange() || request.hasTxn() || request.hasCompaction()
				|| request.hasLeaseGrant() || request.hasLeaseRevoke() || request.hasLeaseExpire();
	}

}
