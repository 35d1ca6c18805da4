package dev.kvserver.conformance.clients;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.kvserver.conformance.process.EtcdBinary;

/**
 * etcd's own tools for snapshots: etcdctl saves them; they are looked at and restored by
 * etcdctl too, or, since 3.6, by etcdutl.
 *
 * @param saving saves
 * @param restoring looks and restores
 */
record SnapshotTools(EtcdBinary saving, EtcdBinary restoring) {

	/** Those that distributions ship, and the newest where they could be built. */
	static Stream<SnapshotTools> all() {
		EtcdBinary shipped = EtcdBinary.etcdctl();
		Stream<SnapshotTools> newest = EtcdBinary.newestEtcdctl()
			.flatMap((saving) -> EtcdBinary.newestEtcdutl().map((restoring) -> new SnapshotTools(saving, restoring)))
			.stream();
		return Stream.concat(Stream.of(new SnapshotTools(shipped, shipped)), newest);
	}

	/** Those that go with the reference. */
	static SnapshotTools newest() {
		return all().reduce((older, newer) -> newer).orElseThrow();
	}

	void save(int port, Path file) {
		run(this.saving, "--endpoints=127.0.0.1:" + port, "snapshot", "save", file.toString());
	}

	/** What {@code snapshot status} says, as JSON. */
	String status(Path file) {
		return run(this.restoring, "snapshot", "status", file.toString(), "-w", "json").output();
	}

	/** Makes the data directory of a member out of a snapshot. */
	void restore(Path file, Path dataDirectory, String... flags) {
		List<String> command = new ArrayList<>(List.of("snapshot", "restore", file.toString(),
				"--data-dir=" + dataDirectory, "--name=default", "--initial-cluster=default=http://127.0.0.1:2380",
				"--initial-advertise-peer-urls=http://127.0.0.1:2380"));
		command.addAll(List.of(flags));
		run(this.restoring, command.toArray(String[]::new));
	}

	CommandLine.Result etcdctl(int port, String... arguments) {
		List<String> command = new ArrayList<>(List.of("--endpoints=127.0.0.1:" + port));
		command.addAll(List.of(arguments));
		return run(this.saving, command.toArray(String[]::new));
	}

	private static CommandLine.Result run(EtcdBinary binary, String... arguments) {
		List<String> command = new ArrayList<>(List.of(binary.path().toString()));
		command.addAll(List.of(arguments));
		CommandLine.Result result = CommandLine.run(command, "");
		if (result.exit() != 0) {
			throw new AssertionError(command + ": " + result);
		}
		return result;
	}

	@Override
	public String toString() {
		return "etcdctl " + this.saving.version();
	}

}
