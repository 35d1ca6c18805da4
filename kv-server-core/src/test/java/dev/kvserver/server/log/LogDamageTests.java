package dev.kvserver.server.log;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.StorageException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Every way in which a log can be damaged: a torn end is repaired, anything else refused
 * with file and offset, and a refused log is left as it was.
 */
class LogDamageTests {

	private static final int SEGMENT = 4 << 10;

	private static final int SECTOR = 512;

	/**
	 * Every entry was acknowledged; at least three segments, of which the last has some.
	 */
	private final SimulatedDisk intact = LogFixture.newDisk();

	private final List<Path> segments = new ArrayList<>();

	private long lastIndex;

	/** The ends of the frames in the last segment, and the last index at each. */
	private final List<Long> frameEnds = new ArrayList<>();

	private final List<Long> indexes = new ArrayList<>();

	@BeforeEach
	void writeLog() {
		SegmentLog log = open(this.intact, true);
		while (LogRecovery.segments(this.intact, LogFixture.DIRECTORY).size() < 3) {
			log.append(List.of(new LogEntry(log.lastIndex() + 1, log.term(), small((int) log.lastIndex() % 4), null)));
		}
		this.frameEnds.add((long) SECTOR);
		this.indexes.add(log.lastIndex() - 1);
		noteFrame(log);
		log.close();
		log = open(this.intact, false);
		for (int size : new int[] { 1, 3, 2 }) {
			noteFrame(log);
			log.append(List.of(new LogEntry(log.lastIndex() + 1, log.term(), small(size), null)));
		}
		noteFrame(log);
		this.lastIndex = log.lastIndex();
		log.close();
		this.segments.addAll(LogRecovery.segments(this.intact, LogFixture.DIRECTORY));
		assertThat(this.segments).hasSize(3);
	}

	private void noteFrame(SegmentLog log) {
		byte[] content = this.intact.content(LogRecovery.segments(this.intact, LogFixture.DIRECTORY).get(2));
		int end = content.length;
		while (isBlank(content, end - SECTOR, end)) {
			end -= SECTOR;
		}
		this.frameEnds.add((long) end);
		this.indexes.add(log.lastIndex());
	}

	private static InternalRaftRequest small(int number) {
		byte[] value = new byte[100 + 150 * number];
		Arrays.fill(value, (byte) (number + 1));
		return put(value);
	}

	private static InternalRaftRequest put(byte[] value) {
		return InternalRaftRequest.newBuilder()
			.setPut(PutRequest.newBuilder().setValue(ByteString.copyFrom(value)))
			.build();
	}

	@Test
	void intactLogIsAccepted() {
		assertThat(recover(this.intact.copy())).isEqualTo(this.lastIndex);
	}

	@Test
	void byteChangedAnywhereIsRefusedOrLosesNothing() {
		int refused = 0;
		int accepted = 0;
		for (Path segment : this.segments) {
			byte[] content = this.intact.content(segment);
			for (int offset = 0; offset < content.length; offset++) {
				for (byte changed : changes(content[offset])) {
					if (isRefused(segment, content, offset, changed)) {
						refused++;
					}
					else {
						accepted++;
						assertThat(isHarmless(segment, content, offset)).as("%s offset %d", segment, offset).isTrue();
					}
				}
			}
		}
		assertThat(refused).isGreaterThan(10_000);
		assertThat(accepted).isPositive();
	}

	/** One bit, and where it makes a difference, zero: the byte was never written. */
	private static byte[] changes(byte value) {
		byte oneBit = (byte) (value ^ 1);
		return (value != 0) ? new byte[] { oneBit, 0 } : new byte[] { oneBit };
	}

	private boolean isRefused(Path segment, byte[] content, int offset, byte changed) {
		SimulatedDisk disk = this.intact.copy();
		byte[] damaged = content.clone();
		damaged[offset] = changed;
		disk.damage(segment, damaged);
		try {
			assertThat(recover(disk)).as("%s offset %d", segment, offset).isEqualTo(this.lastIndex);
			return false;
		}
		catch (StorageException ex) {
			assertThat(ex).hasMessageContaining(segment.toString()).hasMessageContaining("at offset ");
			assertThat(disk.content(segment)).isEqualTo(damaged);
			return true;
		}
	}

	/** Behind the last frame's body: its end mark, or a place never written. */
	private boolean isHarmless(Path segment, byte[] content, int offset) {
		long end = this.frameEnds.get(this.frameEnds.size() - 1);
		int bodyEnd = (int) end;
		while (content[bodyEnd - 1] == 0) {
			bodyEnd--;
		}
		return segment.equals(this.segments.get(2)) && offset >= bodyEnd - Integer.BYTES;
	}

	@Test
	void lastSegmentCutShortAnywhereBehindItsHeaderIsRepaired() {
		Path segment = this.segments.get(2);
		byte[] content = this.intact.content(segment);
		for (int length = SECTOR; length < content.length; length++) {
			SimulatedDisk disk = this.intact.copy();
			disk.damage(segment, Arrays.copyOf(content, length));
			assertThat(recover(disk)).as("length %d", length).isBetween(indexBefore(length), indexUpTo(length));
			assertThat(disk.content(segment)).hasSize(SEGMENT);
		}
	}

	/** The last index when only whole frames up to an offset remain. */
	private long indexBefore(int offset) {
		long index = this.indexes.get(0);
		for (int i = 0; i < this.frameEnds.size(); i++) {
			index = (this.frameEnds.get(i) <= offset) ? this.indexes.get(i) : index;
		}
		return index;
	}

	/** As {@link #indexBefore}, but a frame may lack some of the zeros at its end. */
	private long indexUpTo(int offset) {
		return indexBefore((offset + SECTOR - 1) / SECTOR * SECTOR);
	}

	@Test
	void segmentCutWithinItsHeaderOrBeforeTheLastOneIsRefused() {
		for (Path segment : this.segments) {
			byte[] content = this.intact.content(segment);
			boolean last = segment.equals(this.segments.get(2));
			for (int length = 0; length < (last ? SECTOR : content.length); length += last ? 1 : 7) {
				SimulatedDisk disk = this.intact.copy();
				disk.damage(segment, Arrays.copyOf(content, length));
				assertRefused(disk, segment, "at offset ");
			}
		}
	}

	@Test
	void segmentLongerThanItShouldBeIsRefused() {
		for (Path segment : this.segments) {
			SimulatedDisk disk = this.intact.copy();
			disk.damage(segment, Arrays.copyOf(this.intact.content(segment), SEGMENT + 1));
			assertRefused(disk, segment, "at offset " + SEGMENT);
		}
	}

	@Test
	void lastFrameTornByAnyChoiceOfSectorsIsCutOffOrWhole() {
		for (byte[] value : List.of(filled(7 * SECTOR, 1), withZeros(7 * SECTOR))) {
			SimulatedDisk complete = new SimulatedDisk();
			complete.createDirectories(LogFixture.DIRECTORY);
			SegmentLog log = SegmentLog.open(complete, LogFixture.DIRECTORY, 16 << 10, true);
			LogFixture.append(log, 3);
			Path segment = LogRecovery.segments(complete, LogFixture.DIRECTORY).get(0);
			byte[] before = complete.content(segment);
			log.append(List.of(new LogEntry(4, log.term(), put(value), null)));
			byte[] after = complete.content(segment);
			int from = firstDifference(before, after);
			for (int choice = 0; choice < 1 << 8; choice++) {
				SimulatedDisk disk = complete.copy();
				disk.damage(segment, mixed(before, after, from, choice));
				long recovered = recover(disk, 16 << 10);
				boolean whole = Arrays.equals(mixed(before, after, from, choice), after);
				assertThat(recovered).as("sectors %s", Integer.toBinaryString(choice)).isEqualTo(whole ? 4 : 3);
			}
		}
	}

	@Test
	void lastFrameTornAtAnyByteIsCutOffOrWhole() {
		SimulatedDisk complete = LogFixture.newDisk();
		SegmentLog log = open(complete, true);
		LogFixture.append(log, 1);
		Path segment = LogRecovery.segments(complete, LogFixture.DIRECTORY).get(0);
		byte[] before = complete.content(segment);
		List<LogEntry> last = List.of(new LogEntry(2, log.term(), put(filled(3 * SECTOR, 1)), null));
		log.append(last);
		byte[] after = complete.content(segment);
		int from = firstDifference(before, after);
		for (int cut = from; cut <= from + 4 * SECTOR; cut++) {
			SimulatedDisk disk = complete.copy();
			byte[] torn = after.clone();
			System.arraycopy(before, cut, torn, cut, after.length - cut);
			disk.damage(segment, torn);
			boolean bodyIsWhole = cut >= from + Frame.HEAD + FrameWriter.bodyLength(last);
			assertThat(recover(disk)).as("cut at %d", cut).isEqualTo(bodyIsWhole ? 2 : 1);
		}
	}

	private static byte[] filled(int length, int value) {
		byte[] bytes = new byte[length];
		Arrays.fill(bytes, (byte) value);
		return bytes;
	}

	/** Some sectors of the frame are written blank. */
	private static byte[] withZeros(int length) {
		byte[] bytes = filled(length, 1);
		Arrays.fill(bytes, SECTOR, 4 * SECTOR, (byte) 0);
		return bytes;
	}

	private static int firstDifference(byte[] before, byte[] after) {
		return Arrays.mismatch(before, after) / SECTOR * SECTOR;
	}

	/**
	 * The sectors from {@code from} on as before or as after, by the bits of the choice.
	 */
	private static byte[] mixed(byte[] before, byte[] after, int from, int choice) {
		byte[] mixed = before.clone();
		for (int sector = 0; sector < 8; sector++) {
			if ((choice >> sector & 1) != 0) {
				System.arraycopy(after, from + sector * SECTOR, mixed, from + sector * SECTOR, SECTOR);
			}
		}
		return mixed;
	}

	@Test
	void byteChangedInALastFrameFullOfZerosIsRefused() {
		SimulatedDisk complete = LogFixture.newDisk();
		SegmentLog log = SegmentLog.open(complete, LogFixture.DIRECTORY, 16 << 10, true);
		log.append(List.of(new LogEntry(1, log.term(), put(withZeros(7 * SECTOR)), null)));
		Path segment = LogRecovery.segments(complete, LogFixture.DIRECTORY).get(0);
		byte[] content = complete.content(segment);
		for (int offset = SECTOR; offset < SECTOR + 7 * SECTOR; offset++) {
			SimulatedDisk disk = complete.copy();
			byte[] damaged = content.clone();
			damaged[offset] ^= 1;
			disk.damage(segment, damaged);
			assertThatThrownBy(() -> recover(disk, 16 << 10)).as("offset %d", offset)
				.isInstanceOf(StorageException.class)
				.hasMessageContaining(segment + " is damaged at offset 512");
		}
	}

	@Test
	void missingSegmentIsRefusedAndNamed() {
		SimulatedDisk withoutMiddle = this.intact.copy();
		withoutMiddle.lose(this.segments.get(1));
		assertRefused(withoutMiddle, this.segments.get(1), "is missing");
		SimulatedDisk withoutLast = this.intact.copy();
		withoutLast.lose(this.segments.get(2));
		assertRefused(withoutLast, this.segments.get(2), "is missing");
		SimulatedDisk withoutAny = this.intact.copy();
		this.segments.forEach(withoutAny::lose);
		assertRefused(withoutAny, LogFixture.DIRECTORY, "no segment");
	}

	@Test
	void missingFirstSegmentIsRefusedWhereItsEntriesAreNeeded() {
		SimulatedDisk disk = this.intact.copy();
		disk.lose(this.segments.get(0));
		SegmentLog log = open(disk, false);
		assertThatThrownBy(() -> LogFixture.replay(log, 0)).isInstanceOf(StorageException.class)
			.hasMessageContaining(LogFixture.DIRECTORY.toString())
			.hasMessageContaining("begins at index");
	}

	@Test
	void segmentsOfDifferentLogsAreNotJoined() {
		SimulatedDisk other = LogFixture.newDisk();
		SegmentLog log = open(other, true);
		log.append(List.of(new LogEntry(1, log.term(), small(0), null)));
		while (log.lastIndex() < this.lastIndex) {
			log.append(List.of(new LogEntry(log.lastIndex() + 1, log.term(), small((int) log.lastIndex() % 3), null)));
		}
		SimulatedDisk disk = this.intact.copy();
		disk.lose(this.segments.get(1));
		Path foreign = LogRecovery.segments(other, LogFixture.DIRECTORY).get(1);
		disk.damage(foreign, other.content(foreign));
		assertThatThrownBy(() -> recover(disk)).isInstanceOf(StorageException.class)
			.hasMessageContaining(foreign.toString());
	}

	@Test
	void renamedSegmentIsRefused() {
		SimulatedDisk disk = this.intact.copy();
		Path renamed = Segment.path(LogFixture.DIRECTORY, 3, 77);
		disk.damage(renamed, this.intact.content(this.segments.get(2)));
		disk.lose(this.segments.get(2));
		assertRefused(disk, renamed, "not what its name says");
	}

	@Test
	void frameWrittenBehindATornOneIsNeverCutOff() {
		Path segment = this.segments.get(2);
		byte[] content = this.intact.content(segment);
		int from = this.frameEnds.get(3).intValue();
		int end = this.frameEnds.get(4).intValue();
		assertThat(end - from).isEqualTo(2 * SECTOR);
		for (int sector = from; sector < end; sector += SECTOR) {
			SimulatedDisk disk = this.intact.copy();
			byte[] damaged = content.clone();
			Arrays.fill(damaged, sector, sector + SECTOR, (byte) 0);
			disk.damage(segment, damaged);
			assertRefused(disk, segment, "at offset " + from);
		}
	}

	private void assertRefused(SimulatedDisk disk, Path named, String text) {
		assertThatThrownBy(() -> recover(disk)).isInstanceOf(StorageException.class)
			.hasMessageContaining(named.toString())
			.hasMessageContaining(text);
	}

	private static SegmentLog open(SimulatedDisk disk, boolean fresh) {
		return SegmentLog.open(disk, LogFixture.DIRECTORY, SEGMENT, fresh);
	}

	private static long recover(SimulatedDisk disk) {
		return recover(disk, SEGMENT);
	}

	/**
	 * Opens the log twice, with an append in between: what was repaired must be whole.
	 */
	private static long recover(SimulatedDisk disk, int segmentBytes) {
		SegmentLog log = SegmentLog.open(disk, LogFixture.DIRECTORY, segmentBytes, false);
		long lastIndex = log.lastIndex();
		List<LogEntry> entries = LogFixture.replay(log, 0);
		assertThat(entries).hasSize((int) lastIndex);
		LogFixture.append(log, 1);
		log.close();
		@Nullable SegmentLog again = SegmentLog.open(disk, LogFixture.DIRECTORY, segmentBytes, false);
		assertThat(again.lastIndex()).isEqualTo(lastIndex + 1);
		again.close();
		return lastIndex;
	}

	private static boolean isBlank(byte[] content, int from, int to) {
		for (int i = from; i < to; i++) {
			if (content[i] != 0) {
				return false;
			}
		}
		return true;
	}

}
