package dev.kvserver.server.mvcc;

/**
 * A hash over the stored history, equal to what etcd computes for the same history.
 *
 * @param hash CRC32-Castagnoli
 * @param revision the revision it was taken at
 * @param compactRevision the compact revision it was taken with, -1 for none
 * @param currentRevision the store's revision when it was taken
 */
public record KvHash(int hash, long revision, long compactRevision, long currentRevision) {
}
