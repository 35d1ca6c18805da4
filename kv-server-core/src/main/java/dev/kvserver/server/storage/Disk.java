package dev.kvserver.server.storage;

import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The only way in which the log and the data directory touch files, small enough that a
 * test can tear, drop, fail or fill it at every single call.
 * <p>
 * What is written is readable at once. It is durable after {@link DiskFile#force()}; that
 * a file was created, renamed or deleted is durable after {@link #syncDirectory}. Any
 * thread may call; everything blocks. Failures are {@link StorageException}s that name
 * the file.
 */
public interface Disk {

	/**
	 * Opens a file for reading and writing.
	 * @param file an existing file
	 * @return the open file
	 */
	DiskFile open(Path file);

	/**
	 * Creates an empty file that only its owner may read, and opens it.
	 * @param file a file that does not exist, in a directory that does
	 * @return the open file
	 */
	DiskFile create(Path file);

	/**
	 * Creates a directory that only its owner may read, and its parents. An existing one
	 * is left as it is.
	 * @param directory the directory
	 */
	void createDirectories(Path directory);

	/**
	 * The files and directories in a directory.
	 * @param directory an existing directory
	 * @return their paths, in the order of their names
	 */
	List<Path> list(Path directory);

	/**
	 * Gives a file another name in one step, replacing what had that name.
	 * @param from the existing file
	 * @param to its new name, in the same directory
	 */
	void rename(Path from, Path to);

	/**
	 * Removes a file; an absent one is fine.
	 * @param file the file
	 */
	void delete(Path file);

	/**
	 * Makes durable which files a directory has.
	 * @param directory the directory
	 */
	void syncDirectory(Path directory);

	/**
	 * Takes an exclusive lock that ends with the process, if not before.
	 * @param file the file to lock, created if absent
	 * @return the lock, or {@code null} if somebody else holds it
	 */
	@Nullable Lock tryLock(Path file);

	/** A held lock. */
	interface Lock extends AutoCloseable {

		@Override
		void close();

	}

}
