package dev.kvserver.conformance.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory that lives as long as a case.
 */
final class TemporaryDirectory {

	private final Path path;

	TemporaryDirectory(String prefix) {
		try {
			this.path = Files.createTempDirectory(prefix);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	Path path() {
		return this.path;
	}

	void delete() {
		try (Stream<Path> tree = Files.walk(this.path)) {
			List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
			for (Path entry : deepestFirst) {
				Files.deleteIfExists(entry);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
