package dev.kvserver.server.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The disk of the machine.
 */
public final class FileDisk implements Disk {

	private static final FileAttribute<?>[] OWNER_ONLY_FILE = ownerOnly("rw-------");

	private static final FileAttribute<?>[] OWNER_ONLY_DIRECTORY = ownerOnly("rwx------");

	private static FileAttribute<?>[] ownerOnly(String permissions) {
		boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
		return posix
				? new FileAttribute<?>[] {
						PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)) }
				: new FileAttribute<?>[0];
	}

	@Override
	public DiskFile open(Path file) {
		return new OpenFile(file, channel(file, StandardOpenOption.READ, StandardOpenOption.WRITE));
	}

	@Override
	public DiskFile create(Path file) {
		return new OpenFile(file,
				channel(file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
	}

	private static FileChannel channel(Path file, OpenOption... options) {
		try {
			return FileChannel.open(file, Set.of(options), OWNER_ONLY_FILE);
		}
		catch (IOException ex) {
			throw failed("opening " + file, ex);
		}
	}

	@Override
	public void createDirectories(Path directory) {
		try {
			if (!Files.isDirectory(directory)) {
				Files.createDirectories(directory, OWNER_ONLY_DIRECTORY);
			}
		}
		catch (IOException ex) {
			throw failed("creating the directory " + directory, ex);
		}
	}

	@Override
	public List<Path> list(Path directory) {
		try (Stream<Path> files = Files.list(directory)) {
			return files.sorted().toList();
		}
		catch (IOException ex) {
			throw failed("listing the directory " + directory, ex);
		}
	}

	@Override
	public void rename(Path from, Path to) {
		try {
			Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
		}
		catch (IOException ex) {
			throw failed("renaming " + from + " to " + to, ex);
		}
	}

	@Override
	public void delete(Path file) {
		try {
			Files.deleteIfExists(file);
		}
		catch (IOException ex) {
			throw failed("deleting " + file, ex);
		}
	}

	@Override
	public void syncDirectory(Path directory) {
		try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
			channel.force(true);
		}
		catch (IOException ex) {
			throw failed("syncing the directory " + directory, ex);
		}
	}

	@Override
	public @Nullable Lock tryLock(Path file) {
		FileChannel channel = channel(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
		boolean held = false;
		try {
			FileLock lock = channel.tryLock();
			held = lock != null;
			return held ? () -> close(file, channel) : null;
		}
		catch (OverlappingFileLockException ex) {
			return null;
		}
		catch (IOException ex) {
			throw failed("locking " + file, ex);
		}
		finally {
			if (!held) {
				close(file, channel);
			}
		}
	}

	private static void close(Path file, FileChannel channel) {
		try {
			channel.close();
		}
		catch (IOException ex) {
			throw failed("closing " + file, ex);
		}
	}

	/** The JDK's exceptions for the common cases carry nothing but the file's name. */
	private static StorageException failed(String what, IOException ex) {
		String why = ex.getMessage();
		if (ex instanceof NoSuchFileException) {
			why = "no such file or directory";
		}
		else if (ex instanceof FileAlreadyExistsException) {
			why = "a file of that name exists";
		}
		else if (ex instanceof NotDirectoryException) {
			why = "not a directory";
		}
		else if (ex instanceof AccessDeniedException) {
			why = "permission denied";
		}
		return new StorageException(what + " failed: " + why, ex);
	}

	/** A file behind a channel. */
	private static final class OpenFile implements DiskFile {

		private final Path file;

		private final FileChannel channel;

		OpenFile(Path file, FileChannel channel) {
			this.file = file;
			this.channel = channel;
		}

		@Override
		public void write(ByteBuffer source, long position) {
			long at = position;
			try {
				while (source.hasRemaining()) {
					at += this.channel.write(source, at);
				}
			}
			catch (IOException ex) {
				throw failed("writing " + source.remaining() + " bytes at offset " + at + " of " + this.file, ex);
			}
		}

		@Override
		public int read(ByteBuffer target, long position) {
			int wanted = target.remaining();
			try {
				while (target.hasRemaining()) {
					long at = position + wanted - target.remaining();
					if (this.channel.read(target, at) < 0) {
						break;
					}
				}
				return wanted - target.remaining();
			}
			catch (IOException ex) {
				throw failed("reading " + target.remaining() + " bytes at offset "
						+ (position + wanted - target.remaining()) + " of " + this.file, ex);
			}
		}

		@Override
		public void force() {
			try {
				this.channel.force(false);
			}
			catch (IOException ex) {
				throw failed("syncing " + this.file, ex);
			}
		}

		@Override
		public long size() {
			try {
				return this.channel.size();
			}
			catch (IOException ex) {
				throw failed("reading the size of " + this.file, ex);
			}
		}

		@Override
		public void close() {
			FileDisk.close(this.file, this.channel);
		}

	}

}
