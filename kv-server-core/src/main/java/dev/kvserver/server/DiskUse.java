package dev.kvserver.server;

import dev.kvserver.server.log.SegmentLog;
import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.FileDisk;

/**
 * The disk under a server's log and data directory. What the database writes goes past
 * it.
 *
 * @param disk the disk
 * @param segmentBytes the size of a segment of the log, and how much log is kept before
 * the database is made durable
 */
record DiskUse(Disk disk, long segmentBytes) {

	/** That of the machine. */
	static final DiskUse DEFAULT = new DiskUse(new FileDisk(), SegmentLog.SEGMENT_BYTES_DEFAULT);

}
