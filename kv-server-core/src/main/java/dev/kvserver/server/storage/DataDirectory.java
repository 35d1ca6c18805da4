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

	/** What every data directory of etcd contains. */
	private static final String ETCD = "member";

	private final Disk disk;

	private final Path directory;

	private final Path logDirectory;

	private final Disk.Lock lock;

	private final MemberIdentity identity;

	private final boolean fresh;

	private DataDirectory(Disk disk, Path directory, Path logDirectory, Disk.Lock lock, MemberIdentity computed) {
		this.disk = disk;
		this.directory = directory;
		this.logDirectory = logDirectory;
		this.lock = lock;
		Path meta = directory.resolve(META);
		List<Path> present = disk.list(directory);
		this.fresh = !present.contains(meta);
		if (this.fresh && present.contains(directory.resolve(ETCD))) {
			throw new StorageException(
					"The data directory %s belongs to etcd, whose files this server cannot read. ".formatted(directory)
							+ "Choose another data directory",
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
		Path absolute = directory.toAbsolutePath().normalize();
		Path logDirectory = (walDirectory != null) ? walDirectory.toAbsolutePath().normalize() : absolute.resolve(LOG);
		disk.createDirectories(absolute);
		Disk.Lock lock = disk.tryLock(absolute.resolve(LOCK));
		if (lock == null) {
			throw new StorageException("The data directory %s is in use by another server. Stop that server, or choose "
				.formatted(absolute) + "another data directory for this one", null);
		}
		boolean opened = false;
		try {
			DataDirectory result = new DataDirectory(disk, absolute, logDirectory, lock, computed);
			opened = true;
			return result;
		}
		finally {
			if (!opened) {
				lock.close();
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
