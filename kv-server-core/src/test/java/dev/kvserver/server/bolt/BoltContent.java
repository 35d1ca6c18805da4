package dev.kvserver.server.bolt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** What is written to a file, or was read from it: buckets of entries, as hex. */
final class BoltContent {

	private final TreeMap<String, TreeMap<String, String>> buckets = new TreeMap<>();

	/** Random entries: few or many, small, large or larger than a page. */
	static BoltContent random(SplittableRandom random) {
		BoltContent content = new BoltContent();
		int bucketCount = random.nextInt(5);
		for (int i = 0; i < bucketCount; i++) {
			Map<String, String> bucket = content.bucket("bucket" + i);
			int entries = random.nextInt(1 << random.nextInt(1, 13));
			int keyBytesMax = random.nextInt(8) == 0 ? 5_000 : 24;
			int valueBytesMax = 1 << random.nextInt(1, (entries < 200) ? 16 : 9);
			for (int j = 0; j < entries; j++) {
				bucket.put(hex(random, random.nextInt(1, keyBytesMax)), hex(random, random.nextInt(valueBytesMax)));
			}
		}
		return content;
	}

	private static String hex(SplittableRandom random, int length) {
		byte[] bytes = new byte[length];
		random.nextBytes(bytes);
		return HexFormat.of().formatHex(bytes);
	}

	Map<String, String> bucket(String name) {
		return this.buckets.computeIfAbsent(name, (any) -> new TreeMap<>());
	}

	BoltLayout writeTo(BoltWriter writer) {
		for (Map.Entry<String, TreeMap<String, String>> bucket : this.buckets.entrySet()) {
			writer.beginBucket(bucket.getKey().getBytes(StandardCharsets.UTF_8));
			bucket.getValue().forEach((key, value) -> writer.put(parse(key), parse(value)));
			writer.endBucket();
		}
		return writer.end();
	}

	private static byte[] parse(String hex) {
		return HexFormat.of().parseHex(hex);
	}

	byte[] file() {
		ByteArrayOutputStream file = new ByteArrayOutputStream();
		BoltLayout layout = writeTo(BoltWriter.counting());
		writeTo(BoltWriter.writing((pages) -> {
			byte[] copy = new byte[pages.remaining()];
			pages.get(copy);
			file.writeBytes(copy);
		}, layout));
		return file.toByteArray();
	}

	static BoltContent read(Path path) {
		try (BoltReader reader = BoltReader.open(path, Files.size(path))) {
			BoltContent content = new BoltContent();
			for (byte[] name : reader.buckets()) {
				Map<String, String> bucket = content.bucket(new String(name, StandardCharsets.ISO_8859_1));
				reader.read(name,
						(key, value) -> bucket.put(HexFormat.of().formatHex(key), HexFormat.of().formatHex(value)));
			}
			return content;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public boolean equals(Object other) {
		return other instanceof BoltContent content && this.buckets.equals(content.buckets);
	}

	@Override
	public int hashCode() {
		return this.buckets.hashCode();
	}

	@Override
	public String toString() {
		return Arrays.toString(this.buckets.keySet().toArray());
	}

}
