package dev.kvserver.server.snapshot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

import dev.kvserver.server.bolt.BoltReader;

import static java.util.Objects.requireNonNull;

/** What a database file holds, with keys as Latin-1 text. */
public final class DatabaseContent {

	private final Map<String, TreeMap<String, byte[]>> buckets = new TreeMap<>();

	/**
	 * Reads a file.
	 * @param path the file
	 * @param tailBytes what lies behind the database
	 * @return its content
	 */
	public static DatabaseContent read(Path path, int tailBytes) {
		try (BoltReader reader = BoltReader.open(path, Files.size(path) - tailBytes)) {
			DatabaseContent content = new DatabaseContent();
			for (byte[] name : reader.buckets()) {
				TreeMap<String, byte[]> bucket = new TreeMap<>();
				content.buckets.put(text(name), bucket);
				reader.read(name, (key, value) -> bucket.put(text(key), value));
			}
			return content;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * A bucket.
	 * @param name its name
	 * @return its entries
	 */
	public NavigableMap<String, byte[]> bucket(String name) {
		return requireNonNull(this.buckets.get(name), name);
	}

	/**
	 * The names of the buckets.
	 * @return the names, separated by spaces
	 */
	public String names() {
		return String.join(" ", this.buckets.keySet());
	}

	/**
	 * A number in the bucket {@code meta}.
	 * @param name its name
	 * @return the number
	 */
	public long meta(String name) {
		return ByteBuffer.wrap(requireNonNull(bucket("meta").get(name))).getLong();
	}

	/**
	 * A text in a bucket.
	 * @param bucket the bucket
	 * @param key the key
	 * @return the value
	 */
	public String text(String bucket, String key) {
		return new String(requireNonNull(bucket(bucket).get(key)), StandardCharsets.UTF_8);
	}

	private static String text(byte[] bytes) {
		return new String(bytes, StandardCharsets.ISO_8859_1);
	}

}
