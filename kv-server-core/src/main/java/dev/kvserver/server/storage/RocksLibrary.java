package dev.kvserver.server.storage;

import org.rocksdb.RocksDB;

/** RocksDB's native library, loaded once per JVM. */
final class RocksLibrary {

	private RocksLibrary() {
	}

	/**
	 * Loads the library unless that was done.
	 * @throws StorageException if it cannot be: the message says what to do
	 */
	static void load() {
		try {
			RocksDB.loadLibrary();
		}
		catch (RuntimeException | LinkageError ex) {
			throw new StorageException(
					"RocksDB's native library could not be loaded on %s/%s with java.io.tmpdir %s: %s. ".formatted(
							System.getProperty("os.name"), System.getProperty("os.arch"),
							System.getProperty("java.io.tmpdir"), ex.getMessage())
							+ "It is unpacked into a directory that must be writable and must allow execution: set "
							+ "ROCKSDB_SHAREDLIB_DIR to such a directory, or run without a data directory",
					ex);
		}
	}

}
