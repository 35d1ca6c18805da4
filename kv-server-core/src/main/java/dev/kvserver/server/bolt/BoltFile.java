package dev.kvserver.server.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.jspecify.annotations.Nullable;

/** Reads pieces of a file, and says where in it something is wrong. */
final class BoltFile implements AutoCloseable {

	private final Path path;

	private final FileChannel channel;

	private final long sizeBytes;

	private BoltFile(Path path, FileChannel channel, long sizeBytes) {
		this.path = path;
		this.channel = channel;
		this.sizeBytes = sizeBytes;
	}

	static BoltFile open(Path path, long sizeBytes) {
		try {
			return new BoltFile(path, FileChannel.open(path, StandardOpenOption.READ), sizeBytes);
		}
		catch (IOException ex) {
			throw new BoltFormatException("opening " + path + " failed: " + ex, ex);
		}
	}

	long sizeBytes() {
		return this.sizeBytes;
	}

	/** Bytes from an offset, or null if the file ends before. */
	@Nullable ByteBuffer read(long offset, int length) {
		if (offset + length > this.sizeBytes) {
			return null;
		}
		ByteBuffer bytes = BoltFormat.allocate(length);
		try {
			while (bytes.hasRemaining()) {
				if (this.channel.read(bytes, offset + bytes.position()) < 0) {
					throw damaged(offset + bytes.position(), "it has become shorter than " + this.sizeBytes + " bytes");
				}
			}
		}
		catch (IOException ex) {
			throw new BoltFormatException("reading " + this.path + " at offset " + offset + " failed: " + ex, ex);
		}
		return bytes.flip();
	}

	BoltFormatException damaged(long offset, String what) {
		return new BoltFormatException(this.path + " is damaged at offset " + offset + ": " + what);
	}

	BoltFormatException foreign(String what) {
		return new BoltFormatException(this.path + " is no bbolt file: " + what);
	}

	@Override
	public void close() {
		try {
			this.channel.close();
		}
		catch (IOException ex) {
			throw new BoltFormatException("closing " + this.path + " failed: " + ex, ex);
		}
	}

}
