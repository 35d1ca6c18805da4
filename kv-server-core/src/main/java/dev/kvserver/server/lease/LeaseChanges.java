package dev.kvserver.server.lease;

import java.util.List;

/**
 * What one published batch did to the leases, on its way from the apply thread to the
 * lease thread.
 *
 * @param granted leases whose time has to start
 * @param revoked leases that are gone, possibly granted by the same batch
 */
record LeaseChanges(List<Lease> granted, List<Lease> revoked) {
}
