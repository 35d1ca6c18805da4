package dev.kvserver.tidy;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.SortedMap;

/**
 * One text file of the repository.
 *
 * @param path relative to the root of the repository, with '/' between names
 * @param text the whole content
 */
record SourceFile(String path, String text) {

	private static final Set<String> SKIPPED_DIRECTORIES = Set.of("target", ".git", ".idea", ".settings",
			"node_modules");

	private static final Set<String> TEXT_ENDINGS = Set.of("java", "proto", "xml", "yml", "yaml", "properties", "md",
			"sh", "go", "mod", "txt", "json", "imports", "config");

	/**
	 * Reads every text file of the repository that the tests run in, build products left
	 * out.
	 * @return the files in the order of their paths
	 */
	static List<SourceFile> ofRepository() throws IOException {
		Path root = root();
		SortedMap<String, SourceFile> files = new TreeMap<>();
		Files.walkFileTree(root, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
				boolean skipped = SKIPPED_DIRECTORIES.contains(String.valueOf(directory.getFileName()));
				return skipped ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
				String path = root.relativize(file).toString().replace('\\', '/');
				if (isText(path)) {
					files.put(path, new SourceFile(path, Files.readString(file)));
				}
				return FileVisitResult.CONTINUE;
			}

		});
		return new ArrayList<>(files.values());
	}

	boolean isJava() {
		return this.path.endsWith(".java");
	}

	List<String> lines() {
		return this.text.lines().toList();
	}

	/** Says what is wrong at a line, counted from 1. */
	String complaint(long line, String what) {
		return this.path + ":" + line + ": " + what;
	}

	private static boolean isText(String path) {
		return path.startsWith(".ci/") || TEXT_ENDINGS.contains(path.substring(path.lastIndexOf('.') + 1));
	}

	/** The directory of the Maven wrapper, at or above the module the test runs in. */
	private static Path root() {
		Path directory = Path.of("").toAbsolutePath();
		while (!Files.exists(directory.resolve("mvnw"))) {
			Path parent = directory.getParent();
			if (parent == null) {
				throw new IllegalStateException("no mvnw at or above " + Path.of("").toAbsolutePath());
			}
			directory = parent;
		}
		return directory;
	}

}
