package dev.kvserver.server.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class BoltFileTests {

	private static final byte[] BUCKET = { 'b' };

	@TempDir
	@SuppressWarnings("NullAway.Init")
	Path directory;

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 })
	void whatIsWrittenIsRead(long seed) throws IOException {
		BoltContent content = BoltContent.random(new SplittableRandom(seed));
		byte[] file = content.file();
		assertThat(file.length % BoltFormat.PAGE_BYTES).isZero();
		assertThat(BoltContent.read(write(file))).isEqualTo(content);
	}

	@Test
	void manyEntriesMakeATreeOfThreeLevelsWhoseRootIsLast() throws IOException {
		BoltContent content = new BoltContent();
		for (int i = 0; i < 40_000; i++) {
			content.bucket("key").put("%034x".formatted(i), "%064x".formatted(i * 31L));
		}
		byte[] file = content.file();
		BoltLayout layout = content.writeTo(BoltWriter.counting());
		assertThat(layout.sizeBytes()).isEqualTo(file.length);
		assertThat(layout.root()).isEqualTo(layout.pages() - 1);
		assertThat(BoltContent.read(write(file))).isEqualTo(content);
	}

	@Test
	void pagesAreHandedOverWhileEntriesCome() {
		AtomicInteger pages = new AtomicInteger();
		BoltWriter writer = BoltWriter.writing((any) -> pages.incrementAndGet(), new BoltLayout(1_000, 999));
		writer.beginBucket(BUCKET);
		for (int i = 0; i < 1_000; i++) {
			writer.put(ByteBuffer.allocate(4).putInt(i).array(), new byte[2_000]);
			assertThat(pages.get()).isGreaterThanOrEqualTo(i / 2);
		}
	}

	@Test
	void fileThatIsNotAsCountedIsRefused() {
		BoltWriter writer = BoltWriter.writing((any) -> {
		}, new BoltLayout(5, 4));
		writer.beginBucket(BUCKET);
		writer.endBucket();
		assertThatIllegalStateException().isThrownBy(writer::end).withMessageContaining("layout");
	}

	@Test
	void keysMustAscend() {
		BoltWriter writer = BoltWriter.counting();
		writer.beginBucket(BUCKET);
		writer.put(new byte[] { (byte) 0x80 }, new byte[0]);
		assertThatIllegalArgumentException().isThrownBy(() -> writer.put(new byte[] { 1 }, new byte[0]));
		assertThatIllegalArgumentException().isThrownBy(() -> writer.put(new byte[] { (byte) 0x80 }, new byte[0]));
		assertThatIllegalArgumentException().isThrownBy(() -> writer.put(new byte[0], new byte[0]));
	}

	/** A member that was killed leaves a page that was being written. */
	@Test
	void oneOfTheFirstTwoPagesIsEnough() throws IOException {
		BoltContent content = BoltContent.random(new SplittableRandom(2));
		for (int page = 0; page < 2; page++) {
			byte[] file = content.file();
			file[page * BoltFormat.PAGE_BYTES + BoltFormat.PAGE_HEADER_BYTES + 20] ^= 1;
			assertThat(BoltContent.read(write(file))).isEqualTo(content);
		}
	}

	@Test
	void foreignFilesAreToldFromDamagedOnes() throws IOException {
		assertThatIsRefused(new byte[0], "is no bbolt file: it has 0 bytes only");
		assertThatIsRefused("#!/bin/sh".repeat(1_000).getBytes(StandardCharsets.US_ASCII),
				"is no bbolt file: it does not begin as one");
		byte[] file = BoltContent.random(new SplittableRandom(2)).file();
		file[BoltFormat.PAGE_HEADER_BYTES + 30] ^= 1;
		file[BoltFormat.PAGE_BYTES + BoltFormat.PAGE_HEADER_BYTES + 30] ^= 1;
		assertThatIsRefused(file, "is damaged at offset 16: neither of the first two pages is whole");
	}

	@Test
	void truncatedFilesAreRefused() throws IOException {
		byte[] file = BoltContent.random(new SplittableRandom(3)).file();
		for (int length = 0; length < file.length; length += 509) {
			byte[] truncated = Arrays.copyOf(file, length);
			assertThatExceptionOfType(BoltFormatException.class).isThrownBy(() -> BoltContent.read(write(truncated)))
				.withMessageContaining("file");
		}
	}

	@Test
	void loopIsFound() throws IOException {
		BoltContent content = new BoltContent();
		for (int i = 0; i < 400; i++) {
			content.bucket("key").put("%08x".formatted(i), "00".repeat(40));
		}
		byte[] file = content.file();
		ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
		int branch = file.length - 2 * BoltFormat.PAGE_BYTES;
		assertThat(bytes.getShort(branch + 8)).isEqualTo((short) BoltFormat.FLAG_BRANCH);
		bytes.putLong(branch + BoltFormat.PAGE_HEADER_BYTES + 8, branch / BoltFormat.PAGE_BYTES);
		assertThatIsRefused(file, "is damaged at offset " + branch + ": a page that is referred to twice");
	}

	/** Every byte in turn: reading ends, and with nothing but the format's exception. */
	@Test
	void changedBytesAreRefusedOrReadAsOtherContent() throws IOException {
		SplittableRandom random = new SplittableRandom(7);
		BoltContent content = new BoltContent();
		for (int i = 0; i < 300; i++) {
			content.bucket("key").put("%08x".formatted(i), "%02x".formatted(i % 251).repeat(30));
		}
		content.bucket("large").put("01", "ab".repeat(9_000));
		content.bucket("none");
		byte[] file = content.file();
		int refused = 0;
		for (int at = 0; at < file.length; at += (at % BoltFormat.PAGE_BYTES < 200) ? 1 : 13) {
			byte[] changed = file.clone();
			changed[at] ^= (byte) (1 << random.nextInt(8));
			refused += isRefused(changed) ? 1 : 0;
		}
		assertThat(refused).isGreaterThan(500);
	}

	private boolean isRefused(byte[] file) throws IOException {
		try {
			BoltContent.read(write(file));
			return false;
		}
		catch (BoltFormatException ex) {
			assertThat(ex).hasMessageContaining("file is ");
			return true;
		}
	}

	private void assertThatIsRefused(byte[] file, String message) throws IOException {
		Path path = write(file);
		assertThatExceptionOfType(BoltFormatException.class).isThrownBy(() -> BoltContent.read(path))
			.withMessageStartingWith(path.toString())
			.withMessageContaining(message);
	}

	private Path write(byte[] bytes) throws IOException {
		return Files.write(this.directory.resolve("file"), bytes);
	}

}
