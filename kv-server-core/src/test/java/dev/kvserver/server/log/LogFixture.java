package dev.kvserver.server.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.SimulatedDisk;

/** Entries whose content follows from their index, and logs of them. */
final class LogFixture {

	static final Path DIRECTORY = Path.of("/data/log").toAbsolutePath();

	static final long SEGMENT_BYTES = 8 << 10;

	private LogFixture() {
	}

	static SimulatedDisk newDisk() {
		SimulatedDisk disk = new SimulatedDisk();
		disk.createDirectories(DIRECTORY);
		return disk;
	}

	static SegmentLog open(Disk disk, boolean fresh) {
		return SegmentLog.open(disk, DIRECTORY, SEGMENT_BYTES, fresh);
	}

	/**
	 * A request from its index alone: some tiny, some over several sectors, some of
	 * zeros.
	 */
	static InternalRaftRequest request(long index) {
		SplittableRandom random = new SplittableRandom(index);
		byte[] value = new byte[(random.nextInt(4) == 0) ? random.nextInt(3_000) : random.nextInt(60)];
		if (random.nextInt(8) != 0) {
			random.nextBytes(value);
		}
		return InternalRaftRequest.newBuilder()
			.setPut(PutRequest.newBuilder()
				.setKey(ByteString.copyFromUtf8("key-" + index))
				.setValue(ByteString.copyFrom(value)))
			.build();
	}

	static List<LogEntry> entries(Log log, int count) {
		List<LogEntry> entries = new ArrayList<>();
		for (int i = 1; i <= count; i++) {
			long index = log.lastIndex() + i;
			entries.add(new LogEntry(index, log.term(), request(index), null));
		}
		return entries;
	}

	static void append(Log log, int count) {
		log.append(entries(log, count));
	}

	static List<LogEntry> replay(Log log, long afterIndex) {
		List<LogEntry> entries = new ArrayList<>();
		log.replay(afterIndex, entries::addAll);
		return entries;
	}

}
