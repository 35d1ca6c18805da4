package dev.kvserver.server.rpc;

import dev.kvserver.server.apply.AlarmStore;
import dev.kvserver.server.apply.Membership;
import dev.kvserver.server.apply.SpaceQuota;
import dev.kvserver.server.log.Log;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.storage.Storage;

/**
 * What the Maintenance service looks after.
 *
 * @param store the keys
 * @param storage where they are kept
 * @param log the log
 * @param alarms the alarms
 * @param membership the member
 * @param quota what the store may take
 */
public record MemberState(MvccStore store, Storage storage, Log log, AlarmStore alarms, Membership membership,
		SpaceQuota quota) {
}
