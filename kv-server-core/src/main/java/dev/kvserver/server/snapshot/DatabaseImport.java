package dev.kvserver.server.snapshot;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.proto.leasepb.Lease;
import dev.kvserver.server.bolt.BoltFormatException;
import dev.kvserver.server.bolt.BoltReader;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.RestoreException;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings etcd's database into an empty store: a snapshot made by {@code etcdctl snapshot
 * save}, which ends with a checksum, or the file {@code member/snap/db} of a member that
 * does not run, which has none.
 * <p>
 * Keys, history, compaction, leases, users, roles and alarms are taken over as they are,
 * with a lease's time begun anew. As with a restore by etcd's own tool, the cluster is a
 * new one: the log begins at its beginning, and the members of the old cluster are left
 * behind.
 * <p>
 * The file is read twice, so that nothing is written before all of it is known to be
 * good.
 */
public final class DatabaseImport implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(DatabaseImport.class);

	private static final int TAIL_BYTES = 32;

	/** What etcd's tools tell a file with tail by: pages are multiples of this. */
	private static final int SECTOR_BYTES = 512;

	private static final int BATCH_ENTRIES = 1_000;

	private static final int BATCH_BYTES = 1 << 20;

	private static final int DIGEST_BUFFER_BYTES = 1 << 16;

	private static final int PROGRESS_LINES = 10;

	private final Path path;

	private final BoltReader reader;

	private final DatabaseCheck check;

	private long written;

	private long batchBytes;

	private DatabaseImport(Path path, BoltReader reader) {
		this.path = path;
		this.reader = reader;
		this.check = new DatabaseCheck(path.toString());
	}

	/**
	 * Opens a file and reads all of it, to know that it is whole. Blocks on the disk.
	 * @param path the file
	 * @return the import, to be closed
	 * @throws RestoreException if the file cannot be read, is damaged or none of etcd
	 */
	public static DatabaseImport open(Path path) {
		if (Files.isDirectory(path)) {
			throw new RestoreException(
					"%s cannot be restored: it is a directory; the database of etcd is the file ".formatted(path)
							+ "member/snap/db in its data directory",
					null);
		}
		if (!Files.isReadable(path)) {
			throw new RestoreException(
					"%s cannot be restored: there is no such file, or it is not readable".formatted(path), null);
		}
		try {
			logger.info("Checking {}", path);
			return openChecked(path);
		}
		catch (BoltFormatException ex) {
			throw new RestoreException("Cannot restore: " + ex.getMessage(), ex);
		}
		catch (IOException | UncheckedIOException ex) {
			throw new RestoreException("%s cannot be restored: %s".formatted(path, ex), ex);
		}
	}

	private static DatabaseImport openChecked(Path path) throws IOException {
		long size = Files.size(path);
		boolean hasTail = size % SECTOR_BYTES == TAIL_BYTES;
		BoltReader reader = BoltReader.open(path, hasTail ? size - TAIL_BYTES : size);
		boolean opened = false;
		try {
			if (hasTail) {
				checkDigest(path, size - TAIL_BYTES);
			}
			DatabaseImport result = new DatabaseImport(path, reader);
			result.check();
			opened = true;
			return result;
		}
		finally {
			if (!opened) {
				reader.close();
			}
		}
	}

	private static void checkDigest(Path path, long length) throws IOException {
		try (InputStream in = Files.newInputStream(path)) {
			MessageDigest digest = MessageDigest.getInstance("SHA-256");
			byte[] buffer = new byte[DIGEST_BUFFER_BYTES];
			long left = length;
			while (left > 0) {
				int read = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
				if (read == 0) {
					break;
				}
				digest.update(buffer, 0, read);
				left -= read;
			}
			if (!Arrays.equals(digest.digest(), in.readNBytes(TAIL_BYTES))) {
				throw new RestoreException(
						"Cannot restore: %s is damaged: its checksum, at offset %d, is wrong".formatted(path, length),
						null);
			}
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("every JVM has SHA-256", ex);
		}
	}

	private void check() {
		require(DatabaseBucket.KEY);
		require(DatabaseBucket.META);
		for (DatabaseBucket bucket : DatabaseBucket.values()) {
			this.reader.read(bucket.bytes(), (key, value) -> this.check.entry(bucket, key, value));
		}
	}

	private void require(DatabaseBucket bucket) {
		byte[] name = bucket.bytes();
		if (this.reader.buckets().stream().noneMatch((each) -> Arrays.equals(each, name))) {
			throw new RestoreException(
					"%s cannot be restored: it is a bbolt file, but not one of etcd: it has no bucket '%s'"
						.formatted(this.path, bucket.text()),
					null);
		}
	}

	/**
	 * Writes everything to a store and makes it durable. Blocks on both disks; progress
	 * is logged. After a failure the store is useless.
	 * @param storage the store, which must be empty
	 * @throws RestoreException if the file has changed since it was checked
	 */
	public void into(Storage storage) {
		logger.info("Restoring {}: {} entries, {}", this.path, this.check.entries(), this.check.summary());
		try (WriteBatch batch = storage.newBatch()) {
			for (DatabaseBucket bucket : DatabaseBucket.values()) {
				this.reader.read(bucket.bytes(), (key, value) -> {
					add(batch, bucket, key, value);
					writeIfLarge(storage, batch);
				});
			}
			storage.write(batch);
		}
		catch (BoltFormatException ex) {
			throw new RestoreException(
					"Cannot restore: " + ex.getMessage() + ". The file has changed since it was checked", ex);
		}
		storage.flush();
	}

	private void add(WriteBatch batch, DatabaseBucket bucket, byte[] key, byte[] value) {
		Bucket stored = bucket.copyOf();
		if (stored == Bucket.LEASE) {
			batch.put(Bucket.LEASE, key, withFullTime(value));
		}
		else if (stored != null) {
			batch.put(stored, key, value);
		}
		else if (bucket == DatabaseBucket.META && isCompaction(key)) {
			batch.put(Bucket.META, key, value);
		}
		this.batchBytes += key.length + (long) value.length;
		this.written++;
		logProgress();
	}

	private static byte[] withFullTime(byte[] value) {
		try {
			return Lease.parseFrom(value).toBuilder().clearRemainingTTL().build().toByteArray();
		}
		catch (InvalidProtocolBufferException ex) {
			throw new BoltFormatException("a lease has become unreadable");
		}
	}

	private static boolean isCompaction(byte[] key) {
		String name = new String(key, StandardCharsets.ISO_8859_1);
		return name.equals(MetaNames.SCHEDULED_COMPACT_REV) || name.equals(MetaNames.FINISHED_COMPACT_REV);
	}

	private void writeIfLarge(Storage storage, WriteBatch batch) {
		if (batch.count() >= BATCH_ENTRIES || this.batchBytes >= BATCH_BYTES) {
			storage.write(batch);
			batch.clear();
			this.batchBytes = 0;
		}
	}

	private void logProgress() {
		long line = Math.max(1, this.check.entries() / PROGRESS_LINES);
		if (this.written % line == 0 || this.written == this.check.entries()) {
			logger.info("Restored {} of {} entries", this.written, this.check.entries());
		}
	}

	@Override
	public void close() {
		this.reader.close();
	}

}
