package dev.kvserver.server.apply;

import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.mvcc.MvccStore;

/**
 * All that committed requests change. The apply thread owns it.
 *
 * @param store the keys
 * @param lessor the leases
 * @param alarms the alarms
 * @param membership the member
 * @param auth users and roles
 */
public record ServerState(MvccStore store, Lessor lessor, AlarmStore alarms, Membership membership, AuthStore auth) {
}
