package dev.kvserver.conformance.clients;

import java.util.List;

import dev.kvserver.conformance.process.EtcdBinary;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What etcdctl prints on a real etcd and on the sample application: the one that
 * distributions ship, and the newest where it could be built.
 */
@Tag("real-etcd")
class EtcdctlTests extends EtcdctlCases {

	@ParameterizedTest
	@MethodSource("binaries")
	void keys(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.run("del", "", "--from-key");
			etcdctl.run("put", "a", "1");
			etcdctl.run("put", "a", "2", "--prev-kv");
			etcdctl.run("put", "a/b", "with spaces and\nlines");
			etcdctl.runWithInput("from stdin", "put", "a/c");
			etcdctl.run("put", "a", "--ignore-value");
			etcdctl.run("put", "absent", "--ignore-value");
			etcdctl.run("get", "a");
			etcdctl.run("get", "absent");
			etcdctl.run("get", "a", "--prefix", "--keys-only");
			etcdctl.run("get", "a", "--prefix", "--sort-by=MODIFY", "--order=DESCEND");
			etcdctl.run("get", "a", "--prefix", "--limit=2", "--print-value-only");
			etcdctl.run("get", "a", "b", "-w", "json");
			etcdctl.run("get", "a", "-w", "fields");
			etcdctl.run("get", "a", "--rev=1000000");
			etcdctl.run("get", "", "--from-key", "--count-only", "-w", "fields");
			etcdctl.run("get", "a", "--consistency=s");
			etcdctl.run("del", "a/b", "--prev-kv");
			etcdctl.run("del", "a", "--prefix");
			etcdctl.run("del", "a");
			etcdctl.run("get", "");
		});
		assertThat(transcript).anyMatch((text) -> text.startsWith("from stdin") || text.contains("\nfrom stdin\n"));
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void transactionsAndCompaction(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.run("put", "t", "1");
			etcdctl.runWithInput("value(\"t\") = \"1\"\nmod(\"t\") > \"0\"\n\nput t 2\nput u 1\nget t\n\ndel u\n\n",
					"txn");
			etcdctl.runWithInput("value(\"t\") = \"1\"\n\nput t 3\n\nget t\nget u\n\n", "txn", "-w", "json");
			etcdctl.runWithInput("create(\"v\") = \"0\"\n\nput v 1\nput v 2\n\n\n", "txn");
			etcdctl.runWithInput("version(\"t\") = \"2\"\n\nget t\n\n\n", "txn");
			etcdctl.run("compaction", "3");
			etcdctl.run("compaction", "3", "--physical");
			etcdctl.run("compaction", "1000000");
			etcdctl.run("get", "t", "--rev=2");
		});
		assertThat(transcript).contains("SUCCESS\n\nOK\n\nOK\n\nt\n2\n");
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void leases(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.run("lease", "grant", "5000");
			etcdctl.run("put", "l", "1", "--lease=LEASE");
			etcdctl.run("lease", "timetolive", "LEASE", "--keys");
			etcdctl.run("lease", "keep-alive", "--once", "LEASE");
			etcdctl.run("lease", "list");
			etcdctl.run("get", "l", "-w", "fields");
			etcdctl.run("lease", "revoke", "LEASE");
			etcdctl.run("get", "l");
			etcdctl.run("lease", "revoke", "LEASE");
			etcdctl.run("lease", "timetolive", "LEASE");
			etcdctl.run("lease", "keep-alive", "--once", "LEASE");
			etcdctl.run("put", "l", "1", "--lease=1234");
			etcdctl.run("lease", "list");
		});
		assertThat(transcript).contains("lease LEASE revoked\n");
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void watches(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			long before = etcdctl.revision();
			etcdctl.run("put", "w/1", "1");
			etcdctl.run("put", "w/1", "2");
			etcdctl.run("del", "w/1");
			String next = "--rev=" + (before + 1);
			// What comes of the past tells that the watcher is there.
			try (CommandLine.Running watch = etcdctl.start("watch", "--prefix", "w/", next, "--prev-kv")) {
				etcdctl.keepUntil(watch, "2");
				etcdctl.run("put", "w/2", "last");
				etcdctl.keepUntil(watch, "last");
			}
			try (CommandLine.Running watch = etcdctl.start("watch", "w/1", "w/3", next, "-w", "fields")) {
				etcdctl.keepUntil(watch, "\"Value\" : \"last\"");
			}
			etcdctl.run("compaction", Long.toString(before + 3));
			etcdctl.run("watch", "w/1", next);
		});
		assertThat(transcript).contains("DELETE").anyMatch((text) -> text.contains("has been compacted"));
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void endpointsAndMembers(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.run("endpoint", "health");
			etcdctl.run("endpoint", "health", "-w", "json");
			etcdctl.run("endpoint", "status", "-w", "fields");
			etcdctl.run("endpoint", "hashkv", "-w", "fields");
			etcdctl.run("member", "list");
			etcdctl.run("member", "list", "-w", "json");
			etcdctl.run("alarm", "list");
		});
		assertThat(transcript).anyMatch((text) -> text.contains("ENDPOINT is healthy"));
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void usersAndRoles(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			addUsers(etcdctl);
			etcdctl.run("auth", "status");
			etcdctl.run("--user=root:r", "get", "a");
			etcdctl.run("auth", "enable");
			etcdctl.run("auth", "enable");
			etcdctl.run("--user=root:r", "auth", "status");
			etcdctl.run("get", "app/1");
			etcdctl.run("--user=alice:wrong", "get", "app/1");
			etcdctl.run("--user=machine:m", "get", "app/1");
			callAs("alice:a", etcdctl);
			callAs("root:r", etcdctl);
			etcdctl.run("--user=alice:a", "user", "get", "alice");
			etcdctl.run("--user=alice:a", "role", "get", "app");
			etcdctl.run("--user=alice:a", "user", "get", "root");
			etcdctl.run("--user=alice:a", "user", "add", "eve:e");
			etcdctl.runWithInput("new\n", "--user=root:r", "user", "passwd", "alice", "--interactive=false");
			etcdctl.run("--user=alice:a", "get", "app/1");
			etcdctl.run("--user=alice:new", "get", "app/1");
			etcdctl.run("--user=root:r", "role", "revoke-permission", "app", "app/", "--prefix");
			etcdctl.run("--user=alice:new", "get", "app/1");
			etcdctl.run("--user=root:r", "user", "delete", "root");
			etcdctl.run("--user=root:r", "user", "revoke-role", "root", "root");
			etcdctl.run("--user=alice:new", "auth", "disable");
			etcdctl.run("--user=root:r", "auth", "disable");
			removeUsers(etcdctl);
		});
		assertThat(transcript).anyMatch((text) -> text.contains("permission denied"))
			.anyMatch((text) -> text.contains("Authentication Enabled"))
			.anyMatch((text) -> text.contains("Authentication Disabled"));
	}

	private static void addUsers(Etcdctl etcdctl) {
		etcdctl.run("user", "add", "root:r");
		etcdctl.run("user", "add", "root:r");
		etcdctl.runWithInput("a\n", "user", "add", "alice", "--interactive=false");
		etcdctl.run("user", "add", "machine", "--no-password");
		etcdctl.run("user", "add", ":x");
		etcdctl.run("user", "list");
		etcdctl.run("role", "add", "app");
		etcdctl.run("role", "add", "app");
		etcdctl.run("role", "grant-permission", "app", "readwrite", "app/", "--prefix");
		etcdctl.run("role", "grant-permission", "app", "read", "single");
		etcdctl.run("role", "grant-permission", "app", "write", "y", "z");
		etcdctl.run("role", "grant-permission", "app", "read", "z", "y");
		etcdctl.run("role", "grant-permission", "none", "read", "z");
		etcdctl.run("role", "get", "app");
		etcdctl.run("role", "get", "none");
		etcdctl.run("role", "list");
		etcdctl.run("user", "grant-role", "alice", "app");
		etcdctl.run("user", "grant-role", "alice", "none");
		etcdctl.run("user", "grant-role", "eve", "app");
		etcdctl.run("user", "get", "alice");
		etcdctl.run("user", "get", "alice", "--detail");
		etcdctl.run("user", "get", "eve");
		etcdctl.run("user", "grant-role", "root", "root");
	}

	private static void callAs(String user, Etcdctl etcdctl) {
		String as = "--user=" + user;
		etcdctl.run(as, "put", "app/1", "v");
		etcdctl.run(as, "get", "app/", "--prefix");
		etcdctl.run(as, "get", "single");
		etcdctl.run(as, "put", "single", "v");
		etcdctl.run(as, "put", "y", "v", "--prev-kv");
		etcdctl.run(as, "put", "y", "v");
		etcdctl.run(as, "get", "", "--from-key");
		etcdctl.run(as, "del", "app/1", "app/3", "--prev-kv");
		etcdctl.runWithInput("version(\"app/1\") = \"0\"\n\nput app/1 t\n\nget other\n\n", as, "txn");
		etcdctl.runWithInput("version(\"app/1\") = \"0\"\n\nput app/1 t\n\nget app/1\n\n", as, "txn");
		etcdctl.run(as, "lease", "grant", "5000");
		etcdctl.run(as, "put", "app/2", "v", "--lease=LEASE");
		etcdctl.run(as, "lease", "timetolive", "LEASE", "--keys");
		etcdctl.run(as, "lease", "revoke", "LEASE");
		etcdctl.run(as, "lock", "app/lock", "echo", "locked");
		etcdctl.run(as, "lock", "other", "echo", "locked");
		etcdctl.run(as, "member", "list");
		etcdctl.run(as, "alarm", "list");
		etcdctl.run(as, "alarm", "disarm");
		etcdctl.run(as, "endpoint", "status", "-w", "fields");
		etcdctl.run(as, "endpoint", "hashkv", "-w", "fields");
		etcdctl.run(as, "compaction", "2");
		etcdctl.run(as, "user", "list");
		etcdctl.run(as, "role", "list");
	}

	private static void removeUsers(Etcdctl etcdctl) {
		etcdctl.run("user", "revoke-role", "alice", "app");
		etcdctl.run("user", "revoke-role", "alice", "app");
		etcdctl.run("role", "revoke-permission", "app", "single");
		etcdctl.run("role", "revoke-permission", "app", "single");
		etcdctl.run("role", "delete", "app");
		etcdctl.run("role", "delete", "app");
		etcdctl.run("user", "delete", "alice");
		etcdctl.run("user", "delete", "alice");
		etcdctl.run("user", "delete", "machine");
		etcdctl.run("user", "delete", "root");
		etcdctl.run("role", "delete", "root");
		etcdctl.run("user", "list");
		etcdctl.run("role", "list");
	}

}
