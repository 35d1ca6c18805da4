package dev.kvserver.server.storage;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * A disk that fails on command and forgets what was not forced. Every changing call (a
 * write, a force, a creation, a renaming, a deletion, a sync of a directory) has a
 * number, from 1, at which it can be made to crash or to fail.
 * <p>
 * After a crash {@link #afterPowerLoss} is the disk that the next start finds: forced
 * content is there; of each unforced write all, nothing, a beginning or some sectors; of
 * the unsynced changes to a directory some first ones. {@link #afterKill} is what a
 * killed process leaves behind: everything it wrote, but no more durable than before.
 */
public final class SimulatedDisk implements Disk {

	private final NavigableMap<Path, SimulatedFile> visible = new TreeMap<>();

	private final NavigableMap<Path, SimulatedFile> durable = new TreeMap<>();

	private final Set<Path> directories = new HashSet<>();

	private final List<DirectoryChange> unsynced = new ArrayList<>();

	private final Set<Path> locked = new HashSet<>();

	private long capacityBytes = Long.MAX_VALUE;

	private int calls;

	private int forces;

	private int crashAt = Integer.MAX_VALUE;

	private int failAt = Integer.MAX_VALUE;

	private boolean crashed;

	/**
	 * How many changing calls there were.
	 * @return the number of the last call
	 */
	public int calls() {
		return this.calls;
	}

	/**
	 * How many files were forced.
	 * @return the number of calls of {@link DiskFile#force()}
	 */
	public int forces() {
		return this.forces;
	}

	/**
	 * Lets the machine go off during a call.
	 * @param call the number of the call
	 */
	public void crashAt(int call) {
		this.crashAt = call;
	}

	/**
	 * Lets one call fail as a device error does.
	 * @param call the number of the call
	 */
	public void failAt(int call) {
		this.failAt = call;
	}

	/**
	 * Limits the sum of all file sizes; a write beyond it fails as a full disk does.
	 * @param capacityBytes the limit in bytes
	 */
	public void fillUpAt(long capacityBytes) {
		this.capacityBytes = capacityBytes;
	}

	/**
	 * What survives a power loss.
	 * @param random decides what becomes of everything unforced
	 * @return the disk at the next start
	 */
	public SimulatedDisk afterPowerLoss(SplittableRandom random) {
		SimulatedDisk next = new SimulatedDisk();
		NavigableMap<Path, SimulatedFile> names = new TreeMap<>(this.durable);
		int survivors = random.nextInt(this.unsynced.size() + 1);
		for (DirectoryChange change : this.unsynced.subList(0, survivors)) {
			change.apply(names);
		}
		names.forEach((path, file) -> next.add(path, file.surviving(random)));
		next.directories.addAll(this.directories);
		this.crashed = true;
		return next;
	}

	/**
	 * What a killed process leaves: all that was written, durable or not as it was.
	 * @return the same disk, without locks and limits
	 */
	public SimulatedDisk afterKill() {
		SimulatedDisk next = new SimulatedDisk();
		next.visible.putAll(this.visible);
		next.durable.putAll(this.durable);
		next.directories.addAll(this.directories);
		next.unsynced.addAll(this.unsynced);
		this.crashed = true;
		return next;
	}

	/**
	 * A file's content.
	 * @param file an existing file
	 * @return a copy of its bytes
	 */
	public byte[] content(Path file) {
		return existing(file).content();
	}

	/**
	 * Replaces or creates a file durably, behind the server's back.
	 * @param file the file
	 * @param content its bytes
	 */
	public void damage(Path file, byte[] content) {
		add(file, new SimulatedFile(content));
	}

	/**
	 * Removes a file durably, behind the server's back.
	 * @param file the file
	 */
	public void lose(Path file) {
		this.visible.remove(file);
		this.durable.remove(file);
	}

	/**
	 * An equal disk that shares nothing with this one; everything on it is durable.
	 * @return the copy
	 */
	public SimulatedDisk copy() {
		SimulatedDisk copy = new SimulatedDisk();
		this.visible.forEach((path, file) -> copy.add(path, new SimulatedFile(file.content())));
		copy.directories.addAll(this.directories);
		return copy;
	}

	private void add(Path path, SimulatedFile file) {
		this.visible.put(path, file);
		this.durable.put(path, file);
	}

	@Override
	public DiskFile open(Path file) {
		requireRunning();
		return new Handle(file, existing(file));
	}

	@Override
	public DiskFile create(Path file) {
		call("creating " + file);
		if (this.visible.containsKey(file) || !this.directories.contains(file.getParent())) {
			throw new StorageException("creating " + file + " failed: a file of that name exists", null);
		}
		SimulatedFile created = new SimulatedFile();
		change(new DirectoryChange(null, file, created));
		return new Handle(file, created);
	}

	private SimulatedFile existing(Path file) {
		SimulatedFile existing = this.visible.get(file);
		if (existing == null) {
			throw new StorageException("opening " + file + " failed: no such file or directory", null);
		}
		return existing;
	}

	/**
	 * Directories are durable at once: none is ever created once a server has started.
	 */
	@Override
	public void createDirectories(Path directory) {
		requireRunning();
		if (this.visible.containsKey(directory)) {
			throw new StorageException("creating the directory " + directory + " failed: a file of that name exists",
					null);
		}
		for (Path path = directory; path != null; path = path.getParent()) {
			this.directories.add(path);
		}
	}

	@Override
	public List<Path> list(Path directory) {
		requireRunning();
		Set<Path> children = new TreeSet<>(this.visible.keySet());
		children.addAll(this.directories);
		return children.stream().filter((path) -> directory.equals(path.getParent())).toList();
	}

	@Override
	public void rename(Path from, Path to) {
		call("renaming " + from);
		change(new DirectoryChange(from, to, existing(from)));
	}

	@Override
	public void delete(Path file) {
		call("deleting " + file);
		change(new DirectoryChange(file, null, null));
	}

	private void change(DirectoryChange change) {
		change.apply(this.visible);
		this.unsynced.add(change);
		crashIfDue("changing a directory");
	}

	@Override
	public void syncDirectory(Path directory) {
		call("syncing " + directory);
		crashIfDue("syncing " + directory);
		List<DirectoryChange> synced = this.unsynced.stream().filter((change) -> change.isIn(directory)).toList();
		synced.forEach((change) -> change.apply(this.durable));
		this.unsynced.removeAll(synced);
	}

	@Override
	public @Nullable Lock tryLock(Path file) {
		requireRunning();
		return this.locked.add(file) ? () -> this.locked.remove(file) : null;
	}

	private void call(String what) {
		requireRunning();
		this.calls++;
		if (this.calls == this.failAt) {
			throw new StorageException(what + " failed: Input/output error", null);
		}
	}

	/** After the effect of a call is under way, so that it may survive or not. */
	private void crashIfDue(String what) {
		if (this.calls == this.crashAt) {
			this.crashed = true;
			throw new SimulatedCrash(what);
		}
	}

	private void requireRunning() {
		if (this.crashed) {
			throw new SimulatedCrash("a call after the crash");
		}
	}

	/**
	 * A name added, changed or removed; {@code from} and {@code to} may each be absent.
	 */
	private record DirectoryChange(@Nullable Path from, @Nullable Path to, @Nullable SimulatedFile file) {

		boolean isIn(Path directory) {
			Path changed = (this.to != null) ? this.to : this.from;
			return changed != null && directory.equals(changed.getParent());
		}

		void apply(Map<Path, SimulatedFile> names) {
			if (this.from != null) {
				names.remove(this.from);
			}
			if (this.to != null && this.file != null) {
				names.put(this.to, this.file);
			}
		}

	}

	/** An open file. */
	private final class Handle implements DiskFile {

		private final Path path;

		private final SimulatedFile file;

		private boolean closed;

		Handle(Path path, SimulatedFile file) {
			this.path = path;
			this.file = file;
		}

		@Override
		public void write(ByteBuffer source, long position) {
			requireOpen();
			byte[] bytes = new byte[source.remaining()];
			source.get(bytes);
			try {
				call("writing " + this.path);
			}
			catch (StorageException ex) {
				this.file.write(Arrays.copyOf(bytes, bytes.length / 2), (int) position);
				throw ex;
			}
			long grown = Math.max(0, position + bytes.length - this.file.size());
			long used = SimulatedDisk.this.visible.values().stream().mapToLong(SimulatedFile::size).sum();
			if (grown > 0 && used + grown > SimulatedDisk.this.capacityBytes) {
				throw new StorageException("writing " + this.path + " failed: No space left on device", null);
			}
			this.file.write(bytes, (int) position);
			crashIfDue("writing " + this.path);
		}

		@Override
		public int read(ByteBuffer target, long position) {
			requireOpen();
			return this.file.read(target, position);
		}

		@Override
		public void force() {
			requireOpen();
			SimulatedDisk.this.forces++;
			try {
				call("syncing " + this.path);
			}
			catch (StorageException ex) {
				this.file.failForce();
				throw ex;
			}
			crashIfDue("syncing " + this.path);
			this.file.force();
		}

		@Override
		public long size() {
			requireOpen();
			return this.file.size();
		}

		private void requireOpen() {
			requireRunning();
			if (this.closed) {
				throw new IllegalStateException(this.path + " is closed");
			}
		}

		@Override
		public void close() {
			this.closed = true;
		}

	}

}
