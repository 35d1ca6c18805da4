package dev.kvserver.server.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The file that says what a data directory is, as text for whoever looks into it:
 *
 * <pre>
 *   kv-server data directory
 *   format 1
 *   cluster cdf818194e3a8c32
 *   member 8e9e05c52164694d
 *   crc32c 1c291ca3
 * </pre>
 *
 * In every format the last line holds the checksum of all lines before it, so that a
 * newer format is told from a damaged file.
 */
final class MetaFile {

	/** The format of everything in the directory. It grows with each change of it. */
	static final int FORMAT = 1;

	private static final String FIRST_LINE = "kv-server data directory\n";

	private static final Pattern CONTENT = Pattern
		.compile(FIRST_LINE + "format (\\d{1,9})\n(?:.*\n)*?crc32c [0-9a-f]{8}\n");

	private static final Pattern FORMAT_1 = Pattern
		.compile(FIRST_LINE + "format 1\ncluster ([0-9a-f]{16})\nmember ([0-9a-f]{16})\ncrc32c [0-9a-f]{8}\n");

	private static final int CHECK_LINE = "crc32c 00000000\n".length();

	private static final int SIZE_MAX = 64 << 10;

	private MetaFile() {
	}

	/** Writes the file beside its place and moves it there, durably. */
	static void write(Disk disk, Path file, MemberIdentity identity) {
		String lines = FIRST_LINE + "format " + FORMAT + "\ncluster " + hex(identity.clusterId()) + "\nmember "
				+ hex(identity.memberId()) + "\n";
		String content = lines + checkLine(lines);
		Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
		disk.delete(unfinished);
		try (DiskFile target = disk.create(unfinished)) {
			target.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.ISO_8859_1)), 0);
			target.force();
		}
		disk.rename(unfinished, file);
		disk.syncDirectory(file.resolveSibling(".").normalize());
	}

	/** Reads the file, or says where it is damaged or why it cannot be understood. */
	static MemberIdentity read(Disk disk, Path file) {
		String content = content(disk, file);
		if (content.isEmpty()) {
			throw damaged(file, 0, "it is empty");
		}
		if (!content.startsWith(FIRST_LINE)) {
			throw damaged(file, 0, "it does not begin as it should");
		}
		int checkAt = content.length() - CHECK_LINE;
		if (!content.endsWith(checkLine(content.substring(0, Math.max(0, checkAt))))) {
			throw damaged(file, Math.max(0, checkAt), "its checksum is wrong");
		}
		return parse(file, content);
	}

	private static String content(Disk disk, Path file) {
		try (DiskFile source = disk.open(file)) {
			ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(source.size(), SIZE_MAX));
			source.read(bytes, 0);
			return StandardCharsets.ISO_8859_1.decode(bytes.flip()).toString();
		}
	}

	private static MemberIdentity parse(Path file, String content) {
		Matcher any = CONTENT.matcher(content);
		if (any.matches() && Integer.parseInt(any.group(1)) > FORMAT) {
			throw new StorageException(
					"The data directory %s has format %s, but this version of the server knows formats up to %d only. "
						.formatted(file.getParent(), any.group(1), FORMAT)
							+ "Start the newer version that wrote it, or choose another data directory",
					null);
		}
		Matcher known = FORMAT_1.matcher(content);
		if (!known.matches()) {
			throw damaged(file, FIRST_LINE.length(), "its lines are not those of a known format");
		}
		return new MemberIdentity(Long.parseUnsignedLong(known.group(1), 16),
				Long.parseUnsignedLong(known.group(2), 16));
	}

	private static String checkLine(String lines) {
		CRC32C crc = new CRC32C();
		crc.update(lines.getBytes(StandardCharsets.ISO_8859_1));
		return "crc32c %08x\n".formatted(crc.getValue());
	}

	private static String hex(long id) {
		return "%016x".formatted(id);
	}

	private static StorageException damaged(Path file, int offset, String what) {
		return new StorageException(
				"%s is damaged at offset %d: %s. Restore the data directory from a backup, or empty ".formatted(file,
						offset, what) + "it to start afresh",
				null);
	}

}
