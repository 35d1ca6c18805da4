package dev.kvserver.conformance.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * An executable of the etcd project and its version.
 *
 * @param path the executable
 * @param version for example {@code 3.7.3}
 */
public record EtcdBinary(Path path, String version) {

	private static final Pattern VERSION = Pattern.compile("(?:etcd Version|etcdctl version|etcdutl version): (\\S+)");

	/**
	 * The reference server: the file named by the system property {@code kv.etcd} or the
	 * environment variable {@code KV_ETCD}, else the one built in {@code etcd} of this
	 * module, else the first {@code etcd} of the path.
	 * @return the binary
	 * @throws AssertionError if there is none: a missing reference is a failure
	 */
	public static EtcdBinary reference() {
		return named(System.getProperty("kv.etcd", System.getenv("KV_ETCD")), "etcd", "--version");
	}

	/**
	 * The command line client that distributions ship: the file named by
	 * {@code kv.etcdctl} or {@code KV_ETCDCTL}, else the first {@code etcdctl} of the
	 * path.
	 * @return the binary
	 * @throws AssertionError if there is none
	 */
	public static EtcdBinary etcdctl() {
		return named(System.getProperty("kv.etcdctl", System.getenv("KV_ETCDCTL")), "etcdctl", "version");
	}

	/**
	 * The newest command line client, built in {@code etcd} of this module.
	 * @return the binary, or empty if it was not built
	 */
	public static Optional<EtcdBinary> newestEtcdctl() {
		Path built = builtHere("etcdctl");
		return Files.isExecutable(built) ? Optional.of(new EtcdBinary(built, version(built, "version")))
				: Optional.empty();
	}

	/**
	 * The newest tool for files, built in {@code etcd} of this module.
	 * @return the binary, or empty if it was not built
	 */
	public static Optional<EtcdBinary> newestEtcdutl() {
		Path built = builtHere("etcdutl");
		return Files.isExecutable(built) ? Optional.of(new EtcdBinary(built, version(built, "version")))
				: Optional.empty();
	}

	/**
	 * Whether this is at least the given version.
	 * @param major the first number
	 * @param minor the second number
	 * @return whether it is
	 */
	public boolean isAtLeast(int major, int minor) {
		String[] numbers = this.version.split("\\.", -1);
		int ownMajor = Integer.parseInt(numbers[0]);
		return ownMajor > major || (ownMajor == major && Integer.parseInt(numbers[1]) >= minor);
	}

	private static EtcdBinary named(@Nullable String file, String name, String versionArgument) {
		Path path = (file != null) ? Path.of(file) : builtHere(name);
		if (file == null && (name.equals("etcdctl") || !Files.isExecutable(path))) {
			path = onPath(name);
		}
		if (!Files.isExecutable(path)) {
			throw new AssertionError("No executable at " + path);
		}
		return new EtcdBinary(path, version(path, versionArgument));
	}

	private static Path builtHere(String name) {
		return Path.of(System.getProperty("basedir", "."), "etcd", "bin", name).toAbsolutePath();
	}

	private static Path onPath(String name) {
		String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
		return Stream.of(path.split(File.pathSeparator, -1))
			.map((directory) -> Path.of(directory, name))
			.filter(Files::isExecutable)
			.findFirst()
			.orElseThrow(() -> new AssertionError("No " + name + " on the path, and none built in this module"));
	}

	private static String version(Path path, String argument) {
		try {
			Process process = new ProcessBuilder(path.toString(), argument).redirectErrorStream(true).start();
			String text = new String(process.getInputStream().readAllBytes(), UTF_8);
			Matcher matcher = VERSION.matcher(text);
			if (!matcher.find()) {
				throw new AssertionError(path + " tells no version: " + text);
			}
			return matcher.group(1);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
