package dev.kvserver.server.log;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.storage.SimulatedDisk;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FrameTests {

	@Property(tries = 200)
	void encodedFrameIsReadBackAsItWas(@ForAll("batches") List<InternalRaftRequest> requests,
			@ForAll @LongRange(min = 1) long number, @ForAll int previousChain,
			@ForAll @LongRange(min = 1, max = Long.MAX_VALUE - 100) long firstIndex,
			@ForAll @LongRange(min = 2) long term) {
		List<LogEntry> entries = new ArrayList<>();
		for (InternalRaftRequest request : requests) {
			entries.add(new LogEntry(firstIndex + entries.size(), term, request, null));
		}
		Segment segment = new Segment(number, firstIndex, term, 64 << 10, previousChain);
		FrameWriter writer = new FrameWriter();
		Frame written = writer.entries(number, Frame.SECTOR, previousChain, entries,
				(int) FrameWriter.bodyLength(entries));
		SimulatedDisk disk = onDisk(segment, writer.bytes(written));
		Path path = segment.path(LogFixture.DIRECTORY);
		try (SegmentReader reader = SegmentReader.open(disk, path)) {
			assertThat(reader.segment()).isEqualTo(segment);
			Frame read = reader.head(Frame.SECTOR);
			assertThat(read).isEqualTo(written);
			assertThat(reader.isChained(written, previousChain)).isTrue();
			assertThat(reader.isChained(written, previousChain + 1)).isFalse();
			assertThat(reader.isEnded(written)).isTrue();
			assertThat(reader.isTorn(written)).isFalse();
			assertThat(reader.head(2 * Frame.SECTOR)).isNull();
		}
		List<LogEntry> replayed = new ArrayList<>();
		Replay replay = new Replay(disk, firstIndex - 1, replayed::addAll);
		replay.segment(path);
		replay.end();
		assertThat(replayed).isEqualTo(entries);
	}

	private static SimulatedDisk onDisk(Segment segment, ByteBuffer frame) {
		byte[] content = new byte[(int) segment.sizeBytes()];
		segment.sector().get(content, 0, Frame.SECTOR);
		frame.get(content, Frame.SECTOR, frame.remaining());
		SimulatedDisk disk = LogFixture.newDisk();
		disk.damage(segment.path(LogFixture.DIRECTORY), content);
		return disk;
	}

	@Property(tries = 200)
	void lengthIsWholeSectorsWithRoomForHeadAndEnd(@ForAll @IntRange(min = 0, max = Integer.MAX_VALUE) int bodyLength) {
		long length = Frame.lengthWith(bodyLength);
		assertThat(length % Frame.SECTOR).isZero();
		assertThat(length - bodyLength).isBetween((long) Frame.HEAD + Integer.BYTES,
				(long) Frame.HEAD + Integer.BYTES + Frame.SECTOR - 1);
	}

	@Test
	void headIsValidAtItsPlaceOnly() {
		FrameWriter writer = new FrameWriter();
		Frame frame = writer.mark(3, 1_024, 99, FrameKind.SEAL, 7, 2);
		ByteBuffer bytes = ByteBuffer.allocate(Frame.SECTOR).put(writer.bytes(frame));
		assertThat(Frame.head(bytes, 0, 3, 1_024)).isEqualTo(frame);
		assertThat(Frame.head(bytes, 0, 3, 512)).isNull();
		assertThat(Frame.head(bytes, 0, 4, 1_024)).isNull();
	}

	@Test
	void bufferGrownByALargeBatchGivesTheMemoryBack() {
		FrameWriter writer = new FrameWriter();
		InternalRaftRequest large = InternalRaftRequest.newBuilder()
			.setPut(PutRequest.newBuilder().setValue(ByteString.copyFrom(new byte[20 << 20])))
			.build();
		List<LogEntry> entries = List.of(new LogEntry(1, 2, large, null));
		Frame frame = writer.entries(1, 512, 0, entries, (int) FrameWriter.bodyLength(entries));
		assertThat(writer.bytes(frame).capacity()).isGreaterThan(20 << 20);
		Frame small = writer.mark(1, 512, 0, FrameKind.TERM, 1, 2);
		assertThat(writer.bytes(small).capacity()).isLessThan(1 << 20);
	}

	@Provide
	Arbitrary<List<InternalRaftRequest>> batches() {
		Arbitrary<ByteString> bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(300).map(ByteString::copyFrom);
		Arbitrary<InternalRaftRequest> puts = Combinators.combine(bytes, bytes)
			.as((key, value) -> InternalRaftRequest.newBuilder()
				.setPut(PutRequest.newBuilder().setKey(key).setValue(value))
				.build());
		Arbitrary<InternalRaftRequest> deletes = bytes.map((key) -> InternalRaftRequest.newBuilder()
			.setDeleteRange(DeleteRangeRequest.newBuilder().setKey(key))
			.build());
		Arbitrary<InternalRaftRequest> empty = Arbitraries.just(InternalRaftRequest.getDefaultInstance());
		return Arbitraries.oneOf(puts, deletes, empty).list().ofMinSize(1).ofMaxSize(20);
	}

}
