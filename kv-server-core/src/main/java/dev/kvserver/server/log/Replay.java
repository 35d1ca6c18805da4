package dev.kvserver.server.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.storage.Disk;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Hands the entries of an intact log over again, in batches of bounded size.
 */
final class Replay {

	private static final int BATCH_ENTRIES = 1_000;

	private static final int BATCH_BYTES = 1 << 20;

	private final Disk disk;

	private final long afterIndex;

	private final CommitSink sink;

	private List<LogEntry> batch = new ArrayList<>();

	private long batchBytes;

	Replay(Disk disk, long afterIndex, CommitSink sink) {
		this.disk = disk;
		this.afterIndex = afterIndex;
		this.sink = sink;
	}

	/** Replays one segment. */
	void segment(Path path) {
		try (SegmentReader reader = SegmentReader.open(this.disk, path)) {
			int chain = reader.segment().previousChain();
			@Nullable Frame frame = reader.head(Frame.SECTOR);
			while (frame != null) {
				if (!reader.isChained(frame, chain)) {
					throw LogRecovery.damaged(path, frame.position(), "the checksum of the frame there is wrong");
				}
				frame(reader, frame);
				chain = frame.chain();
				frame = (frame.end() < reader.segment().sizeBytes()) ? reader.head(frame.end()) : null;
			}
		}
	}

	private void frame(SegmentReader reader, Frame frame) {
		CodedInputStream in = CodedInputStream.newInstance(reader.bodyArray(frame), reader.bodyOffset(frame),
				frame.bodyLength());
		try {
			for (long index = frame.firstIndex(); index <= frame.lastIndex(); index++) {
				entry(in, index, frame.term());
			}
		}
		catch (IOException ex) {
			throw new StorageException("%s cannot be read at offset %d: an entry there is not a request: %s"
				.formatted(reader.path(), frame.position(), ex.getMessage()), ex);
		}
	}

	private void entry(CodedInputStream in, long index, long term) throws IOException {
		if (index <= this.afterIndex) {
			in.skipRawBytes(in.readUInt32());
			return;
		}
		InternalRaftRequest request = in.readMessage(InternalRaftRequest.parser(),
				ExtensionRegistryLite.getEmptyRegistry());
		this.batch.add(new LogEntry(index, term, request, null));
		this.batchBytes += request.getSerializedSize();
		if (this.batch.size() >= BATCH_ENTRIES || this.batchBytes >= BATCH_BYTES) {
			end();
		}
	}

	/** Hands over what is left. */
	void end() {
		if (!this.batch.isEmpty()) {
			this.sink.committed(this.batch);
			this.batch = new ArrayList<>();
			this.batchBytes = 0;
		}
	}

}
