package dev.kvserver.server.storage;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DataDirectoryTests {

	private static final MemberIdentity IDENTITY = MemberIdentity.ofOnlyMember(List.of(MemberIdentity.PEER_URL_DEFAULT),
			MemberIdentity.CLUSTER_TOKEN_DEFAULT);

	private static final MemberIdentity OTHER = new MemberIdentity(1, -2);

	private static final Path DIRECTORY = Path.of("/data").toAbsolutePath();

	private static final Path META = DIRECTORY.resolve("meta");

	@Test
	void identityOfADefaultMemberIsEtcds() {
		assertThat(IDENTITY).hasToString("cluster cdf818194e3a8c32, member 8e9e05c52164694d");
	}

	@Test
	void orderOfPeerUrlsDoesNotMatterButTheTokenDoes() {
		assertThat(MemberIdentity.ofOnlyMember(List.of("http://b", "http://a"), "t"))
			.isEqualTo(MemberIdentity.ofOnlyMember(List.of("http://a", "http://b"), "t"))
			.isNotEqualTo(MemberIdentity.ofOnlyMember(List.of("http://a", "http://b"), "u"));
	}

	@Test
	void identityIsKeptFromTheFirstStart() {
		SimulatedDisk disk = new SimulatedDisk();
		try (DataDirectory first = open(disk, OTHER)) {
			assertThat(first.isFresh()).isTrue();
			assertThat(first.identity()).isEqualTo(OTHER);
			first.complete();
		}
		try (DataDirectory second = open(disk, IDENTITY)) {
			assertThat(second.isFresh()).isFalse();
			assertThat(second.identity()).isEqualTo(OTHER);
			second.complete();
		}
	}

	@Test
	void directoryIsFreshUntilItsFirstStartIsComplete() {
		SimulatedDisk disk = new SimulatedDisk();
		open(disk, OTHER).close();
		try (DataDirectory second = open(disk, IDENTITY)) {
			assertThat(second.isFresh()).isTrue();
			assertThat(second.identity()).isEqualTo(IDENTITY);
		}
	}

	@Test
	void crashDuringTheFirstStartLeavesAFreshOrACompleteDirectory() {
		int complete = 0;
		for (int seed = 0; seed < 200; seed++) {
			SimulatedDisk disk = new SimulatedDisk();
			disk.crashAt(1 + seed % 6);
			try (DataDirectory first = open(disk, OTHER)) {
				first.complete();
			}
			catch (SimulatedCrash ex) {
				// This is what the test is about.
			}
			SimulatedDisk next = disk.afterPowerLoss(new SplittableRandom(seed));
			try (DataDirectory second = open(next, IDENTITY)) {
				assertThat(second.identity()).isEqualTo(second.isFresh() ? IDENTITY : OTHER);
				complete += second.isFresh() ? 0 : 1;
				second.complete();
			}
			try (DataDirectory third = open(next, IDENTITY)) {
				assertThat(third.isFresh()).isFalse();
			}
		}
		assertThat(complete).isBetween(1, 199);
	}

	@Test
	void directoryInUseIsRefused(@TempDir Path directory) {
		Disk disk = new FileDisk();
		try (DataDirectory first = DataDirectory.open(disk, directory, null, IDENTITY)) {
			assertThat(first.isFresh()).isTrue();
			assertThatThrownBy(() -> DataDirectory.open(disk, directory, null, IDENTITY))
				.isInstanceOf(StorageException.class)
				.hasMessage(
						"The data directory %s is in use by another server. Stop that server, or choose another data "
							.formatted(directory) + "directory for this one");
		}
		DataDirectory.open(disk, directory, null, IDENTITY).close();
	}

	@Test
	void directoriesAndFilesAreForTheOwnerOnly(@TempDir Path parent) throws Exception {
		Path directory = parent.resolve("a").resolve("b");
		try (DataDirectory data = DataDirectory.open(new FileDisk(), directory, null, IDENTITY)) {
			data.complete();
		}
		for (Path path : List.of(directory, directory.resolve("log"), directory.resolve("db"))) {
			assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rwx------");
		}
		for (Path path : List.of(directory.resolve("LOCK"), directory.resolve("meta"))) {
			assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rw-------");
		}
	}

	@Test
	void logMayLieElsewhere(@TempDir Path directory) {
		Path elsewhere = directory.resolve("fast").resolve("log");
		try (DataDirectory data = DataDirectory.open(new FileDisk(), directory.resolve("data"), elsewhere, IDENTITY)) {
			assertThat(data.logDirectory()).isEqualTo(elsewhere).isDirectory();
			assertThat(data.databaseDirectory()).isEqualTo(directory.resolve("data").resolve("db")).isDirectory();
			assertThat(directory.resolve("data").resolve("log")).doesNotExist();
		}
	}

	@Test
	void fileInItsPlaceIsRefused(@TempDir Path parent) throws Exception {
		Path file = Files.createFile(parent.resolve("file"));
		assertThatThrownBy(() -> DataDirectory.open(new FileDisk(), file, null, IDENTITY))
			.isInstanceOf(StorageException.class)
			.hasMessage("creating the directory %s failed: a file of that name exists", file);
		assertThatThrownBy(() -> DataDirectory.open(new FileDisk(), file.resolve("below"), null, IDENTITY))
			.isInstanceOf(StorageException.class)
			.hasMessageContaining(file.toString());
	}

	@Test
	void directoryOfEtcdIsRefused() {
		SimulatedDisk disk = new SimulatedDisk();
		disk.createDirectories(DIRECTORY.resolve("member"));
		assertThatThrownBy(() -> open(disk, IDENTITY)).isInstanceOf(StorageException.class)
			.hasMessageContaining("belongs to etcd")
			.hasMessageContaining("Choose another data directory");
	}

	@Test
	void newerFormatIsRefusedWithWhatToDo() {
		SimulatedDisk disk = complete();
		disk.damage(META, withChecksum("kv-server data directory\nformat 2\nsomething new\n"));
		assertThatThrownBy(() -> open(disk, IDENTITY)).isInstanceOf(StorageException.class)
			.hasMessageContaining(
					DIRECTORY + " has format 2, but this version of the server knows formats up to 1 only")
			.hasMessageContaining("Start the newer version that wrote it");
	}

	@Test
	void unknownLinesOfTheKnownFormatAreDamage() {
		SimulatedDisk disk = complete();
		disk.damage(META, withChecksum("kv-server data directory\nformat 1\nsomething new\n"));
		assertThatThrownBy(() -> open(disk, IDENTITY)).isInstanceOf(StorageException.class)
			.hasMessageContaining(META + " is damaged at offset 25");
	}

	@Test
	void emptyMetaFileIsRefusedNamingFileAndOffset() {
		SimulatedDisk disk = complete();
		disk.damage(META, new byte[0]);
		assertThatThrownBy(() -> open(disk, IDENTITY)).isInstanceOf(StorageException.class)
			.hasMessageContaining(META + " is damaged at offset 0: it is empty");
	}

	@Test
	void metaFileChangedOrCutAnywhereIsRefusedNamingFileAndOffset() {
		byte[] content = complete().content(META);
		for (int offset = 0; offset < content.length; offset++) {
			byte[] changed = content.clone();
			changed[offset] ^= 1;
			for (byte[] damaged : List.of(changed, Arrays.copyOf(content, offset))) {
				SimulatedDisk disk = complete();
				disk.damage(META, damaged);
				assertThatThrownBy(() -> open(disk, IDENTITY)).isInstanceOf(StorageException.class)
					.hasMessageContaining(META + " is damaged at offset ");
			}
		}
	}

	@Test
	void refusedDirectoryIsUnlocked() {
		SimulatedDisk disk = complete();
		byte[] content = disk.content(META);
		disk.damage(META, new byte[0]);
		assertThatThrownBy(() -> open(disk, IDENTITY)).hasMessageContaining("empty");
		disk.damage(META, content);
		open(disk, IDENTITY).close();
	}

	private static byte[] withChecksum(String lines) {
		CRC32C crc = new CRC32C();
		crc.update(lines.getBytes(StandardCharsets.ISO_8859_1));
		return (lines + "crc32c %08x\n".formatted(crc.getValue())).getBytes(StandardCharsets.ISO_8859_1);
	}

	private static SimulatedDisk complete() {
		SimulatedDisk disk = new SimulatedDisk();
		try (DataDirectory first = open(disk, OTHER)) {
			first.complete();
		}
		return disk;
	}

	private static DataDirectory open(Disk disk, MemberIdentity computed) {
		return DataDirectory.open(disk, DIRECTORY, null, computed);
	}

}
