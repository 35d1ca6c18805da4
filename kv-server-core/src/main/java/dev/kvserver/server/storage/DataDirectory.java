package dev.kvserver.server.storage;

import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The directory that holds everything durable, used by one server at a time:
 *
 * <pre>
 *   LOCK     held while a server runs
 *   meta     format version, cluster id, member id: see {@link MetaFile}
 *   log/     the log, unless it has a directory elsewhere
 *   db/      the store
 *   index    what makes the next start fast; may be deleted
 *   restore  while data is being restored, and after that was interrupted
 * </pre>
 *
 * The meta file is written last, after everything else has been created: where it is, the
 * rest must be, and a rest that is missing has been lost. Where it is not, nothing was
 * ever acknowledged.
 */
public final class DataDirectory implements AutoCloseable {

	private static final String LOCK = "LOCK";

	private static final String META = "meta";

	private static final String LOG = "log";

	private static final String DATABASE = "db";

	private static final String INDEX = "index";

	private static final String RESTORE = "restore";

	/** What a file system may have put into a directory that is its root. */
	private static final String LOST_AND_FOUND = "lost+found";

	/** What every data directory of etcd contains. */
	private static final String ETCD = "member";

	private final Disk disk;

	private final Path directory;

	private final Path logDirectory;

	private final Disk.Lock lock;

	private final MemberIdentity identity;

	private final boolean fresh;

	private DataDirectory(Disk disk, Path directory, Path logDirectory, Disk.Lock lock, MemberIdentity computed,
			boolean restoring) {
		this.disk = disk;
		this.directory = directory;
		this.logDirectory = logDirectory;
		this.lock = lock;
		Path meta = directory.resolve(META);
		List<Path> present = disk.list(directory);
		this.fresh = !present.contains(meta);
		if (this.fresh && !restoring && present.contains(directory.resolve(RESTORE))) {
			throw new RestoreException(
					"Restoring data into the data directory %s was interrupted. Restore again, or ".formatted(directory)
							+ "empty the directory",
					null);
		}
		if (this.fresh && present.contains(directory.resolve(ETCD))) {
			throw new StorageException(
					"The data directory %s belongs to etcd, whose files this server cannot read. ".formatted(directory)
							+ "Choose another data directory, into which %s can be restored"
								.formatted(directory.resolve(ETCD).resolve("snap").resolve("db")),
					null);
		}
		this.identity = this.fresh ? computed : MetaFile.read(disk, meta);
		disk.createDirectories(logDirectory);
		disk.createDirectories(databaseDirectory());
	}

	/**
	 * Opens and locks the directory, creating it if it is absent. Blocks on the disk.
	 * @param disk the disk
	 * @param directory the directory
	 * @param walDirectory where the log lies, or {@code null} for below the directory
	 * @param computed who this member is if the directory is fresh; otherwise what is
	 * stored wins
	 * @return the directory, to be closed after everything that uses it
	 * @throws StorageException if it is in use, cannot be read or written, was written by
	 * a newer version, or is damaged; the message says what to do
	 */
	public static DataDirectory open(Disk disk, Path directory, @Nullable Path walDirectory, MemberIdentity computed) {
		return open(disk, directory, walDirectory, computed, false);
	}

	/**
	 * Opens and locks the directory to restore data into it, as {@link #open} otherwise.
	 * What a restore that was interrupted has left is deleted. Until {@link #complete()}
	 * no server starts here.
	 * @param disk the disk
	 * @param directory the directory, empty or absent
	 * @param walDirectory where the log is to lie, or {@code null} for below the
	 * directory
	 * @param computed who this member is
	 * @return the directory, which is fresh
	 * @throws RestoreException if there is anything in either directory
	 * @throws StorageException if it is in use, cannot be read or written
	 */
	public static DataDirectory openToRestore(Disk disk, Path directory, @Nullable Path walDirectory,
			MemberIdentity computed) {
		return open(disk, directory, walDirectory, computed, true);
	}

	private static DataDirectory open(Disk disk, Path directory, @Nullable Path walDirectory, MemberIdentity computed,
			boolean restoring) {
		Path absolute = directory.toAbsolutePath().normalize();
		Path logDirectory = logDirectory(absolute, walDirectory);
		disk.createDirectories(absolute);
		Disk.Lock lock = disk.tryLock(absolute.resolve(LOCK));
		if (lock == null) {
			throw new StorageException("The data directory %s is in use by another server. Stop that server, or choose "
				.formatted(absolute) + "another data directory for this one", null);
		}
		boolean opened = false;
		try {
			if (restoring) {
				beginRestore(disk, absolute, logDirectory);
			}
			DataDirectory result = new DataDirectory(disk, absolute, logDirectory, lock, computed, restoring);
			opened = true;
			return result;
		}
		finally {
			if (!opened) {
				lock.close();
			}
		}
	}

	private static Path logDirectory(Path directory, @Nullable Path walDirectory) {
		return (walDirectory != null) ? walDirectory.toAbsolutePath().normalize() : directory.resolve(LOG);
	}

	private static void beginRestore(Disk disk, Path directory, Path logDirectory) {
		disk.createDirectories(logDirectory);
		requireRestorable(disk, directory, logDirectory);
		Path mark = directory.resolve(RESTORE);
		if (disk.list(directory).contains(mark)) {
			deleteFiles(disk, directory.resolve(DATABASE));
			deleteFiles(disk, logDirectory);
		}
		else {
			disk.create(mark).close();
		}
		disk.syncDirectory(directory);
	}

	private static void deleteFiles(Disk disk, Path directory) {
		disk.createDirectories(directory);
		List<Path> files = disk.list(directory);
		for (int i = 0; i < files.size(); i++) {
			if (!files.get(i).endsWith(LOST_AND_FOUND)) {
				disk.delete(files.get(i));
			}
		}
	}

	/**
	 * Checks that data could be restored into a directory: that it is empty, or holds
	 * what a restore that was interrupted has left. Changes nothing.
	 * @param disk the disk
	 * @param directory an existing directory
	 * @param walDirectory where the log is to lie, existing, or {@code null} for below
	 * the directory
	 * @throws RestoreException if there is anything in either directory
	 */
	public static void requireRestorable(Disk disk, Path directory, @Nullable Path walDirectory) {
		Path absolute = directory.toAbsolutePath().normalize();
		List<Path> present = disk.list(absolute);
		if (present.contains(absolute.resolve(RESTORE)) && !present.contains(absolute.resolve(META))) {
			return;
		}
		Path logDirectory = logDirectory(absolute, walDirectory);
		requireEmpty(absolute, present, logDirectory);
		if (walDirectory != null || present.contains(logDirectory)) {
			requireEmpty(logDirectory, disk.list(logDirectory), logDirectory);
		}
	}

	private static void requireEmpty(Path directory, List<Path> present, Path logDirectory) {
		for (int i = 0; i < present.size(); i++) {
			Path file = present.get(i);
			if (!file.endsWith(LOCK) && !file.endsWith(LOST_AND_FOUND) && !file.equals(logDirectory)) {
				throw new RestoreException(
						"The directory %s is not empty: it has %s. Data is restored into an empty ".formatted(directory,
								file.getFileName())
								+ "directory only. To start with the data that is there, start without restoring",
						null);
			}
		}
	}

	/**
	 * Who this member is.
	 * @return the identity that was kept, or the computed one if there is none yet
	 */
	public MemberIdentity identity() {
		return this.identity;
	}

	/**
	 * Whether no server has completed its first start here.
	 * @return {@code true} until {@link #complete()} has been called once, in whichever
	 * process
	 */
	public boolean isFresh() {
		return this.fresh;
	}

	/**
	 * Where the log lies.
	 * @return an existing directory
	 */
	public Path logDirectory() {
		return this.logDirectory;
	}

	/**
	 * Where the store lies.
	 * @return an existing directory
	 */
	public Path databaseDirectory() {
		return this.directory.resolve(DATABASE);
	}

	/**
	 * Where a checkpoint of the index may lie, which is only there to make the next start
	 * faster.
	 * @return a file in the directory, absent or not
	 */
	public Path indexFile() {
		return this.directory.resolve(INDEX);
	}

	/**
	 * Notes durably that log and store have been created. To be called after that and
	 * before anything is acknowledged; does nothing on a directory that is not fresh.
	 */
	public void complete() {
		if (this.fresh) {
			MetaFile.write(this.disk, this.directory.resolve(META), this.identity);
			this.disk.delete(this.directory.resolve(RESTORE));
			this.disk.syncDirectory(this.directory);
			Path parent = this.directory.getParent();
			if (parent != null) {
				this.disk.syncDirectory(parent);
			}
		}
	}

	/**
	 * Gives the lock back.
	 */
	@Override
	public void close() {
		this.lock.close();
	}

}
