package dev.kvserver.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Places on the real disk for what a benchmark writes.
 */
public final class Directories {

	private Directories() {
	}

	/**
	 * Makes a new directory, below {@code java.io.tmpdir}.
	 * @param name how its name begins
	 * @return the directory
	 */
	public static Path create(String name) {
		try {
			return Files.createTempDirectory(name);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Removes a directory and all in it.
	 * @param directory the directory
	 */
	public static void delete(Path directory) {
		try (Stream<Path> files = Files.walk(directory)) {
			List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
			for (Path file : deepestFirst) {
				Files.delete(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
