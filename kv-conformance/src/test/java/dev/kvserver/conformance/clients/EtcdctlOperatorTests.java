package dev.kvserver.conformance.clients;

import java.util.List;

import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.MaintenanceGrpc;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What etcdctl prints on a real etcd and on the sample application when it is used by
 * those who look after a cluster, or who share it: alarms, members, leadership, locks and
 * elections.
 */
@Tag("real-etcd")
class EtcdctlOperatorTests extends EtcdctlCases {

	@ParameterizedTest
	@MethodSource("binaries")
	void alarms(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.run("alarm", "list");
			etcdctl.run("alarm", "disarm");
			raise(etcdctl);
			etcdctl.run("alarm", "list");
			etcdctl.run("put", "a", "1");
			etcdctl.run("lease", "grant", "60");
			etcdctl.run("get", "a");
			etcdctl.run("del", "a");
			etcdctl.run("endpoint", "health");
			etcdctl.run("endpoint", "status", "-w", "fields");
			etcdctl.run("defrag");
			etcdctl.run("alarm", "disarm");
			etcdctl.run("alarm", "list");
			etcdctl.run("put", "a", "1");
			etcdctl.run("endpoint", "health");
		});
		assertThat(transcript).contains("OK\n").anyMatch((text) -> text.contains("alarm:NOSPACE"));
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void members(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.member();
			etcdctl.run("member", "list", "-w", "fields");
			etcdctl.run("member", "list", "--consistency=s");
			etcdctl.run("member", "add", "another", "--peer-urls=nonsense");
			etcdctl.run("member", "add", "another");
			etcdctl.run("member", "remove", "1234");
			etcdctl.run("member", "remove", "nonsense");
			etcdctl.run("member", "remove", "OWN_ID");
			etcdctl.run("member", "promote", "1234");
			etcdctl.run("member", "promote", "OWN_ID");
			etcdctl.run("member", "update", "1234", "--peer-urls=http://127.0.0.1:1");
			etcdctl.run("member", "update", "OWN_ID", "--peer-urls=http://127.0.0.1:1");
			etcdctl.run("member", "list");
			etcdctl.run("member", "add", "another", "--peer-urls=http://127.0.0.1:1");
			etcdctl.run("member", "update", "OWN_ID", "--peer-urls=http://127.0.0.1:2");
		});
		assertThat(transcript).anyMatch((text) -> text.contains("Member OWN_ID updated in cluster CLUSTER"))
			.anyMatch((text) -> text.contains("member not found"));
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void leadership(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.member();
			etcdctl.run("move-leader", "OWN_ID");
			etcdctl.run("move-leader", "1234");
			etcdctl.run("move-leader", "nonsense");
			etcdctl.run("downgrade", "validate", "3.6");
			etcdctl.run("downgrade", "validate", "3.2");
			etcdctl.run("downgrade", "cancel");
			etcdctl.run("endpoint", "health", "--cluster");
			etcdctl.run("endpoint", "hashkv", "--rev=1000000");
		});
		assertThat(transcript).contains("Leadership transferred from OWN_ID to OWN_ID\n");
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void locks(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.run("lock", "lock", "echo", "is held");
			try (CommandLine.Running holder = etcdctl.start("lock", "lock")) {
				String key = holder.readUntil((line) -> line.startsWith("lock/")).get(0);
				etcdctl.keep(key);
				try (CommandLine.Running waiter = etcdctl.start("lock", "lock", "echo", "is held in turn")) {
					etcdctl.awaitKeys("lock/", 2);
					holder.interrupt();
					etcdctl.keepUntil(waiter, "is held in turn");
				}
			}
		});
		assertThat(transcript).contains("is held\n", "lock/SESSION", "is held in turn");
	}

	/** The example of the operations page; here the lock is lost on purpose once. */
	@ParameterizedTest
	@MethodSource("binaries")
	void writesUnderALockAreFenced(EtcdBinary binary) {
		String guarded = "printf 'create(\"%s\") > \"0\"\\n\\nput report done\\n\\n\\n\\n' \"$ETCD_LOCK_KEY\""
				+ " | ETCDCTL txn";
		List<String> transcript = play(binary, (etcdctl) -> {
			etcdctl.run("lock", "lock", "--", "sh", "-c", guarded);
			etcdctl.run("lock", "lock", "--", "sh", "-c", "ETCDCTL del \"$ETCD_LOCK_KEY\"; " + guarded);
			etcdctl.run("get", "report");
		});
		assertThat(transcript).anyMatch((text) -> text.startsWith("SUCCESS"))
			.anyMatch((text) -> text.startsWith("1\nFAILURE"));
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void elections(EtcdBinary binary) {
		List<String> transcript = play(binary, (etcdctl) -> {
			try (CommandLine.Running observer = etcdctl.start("elect", "--listen", "election");
					CommandLine.Running first = etcdctl.start("elect", "election", "one")) {
				etcdctl.keepUntil(first, "one");
				etcdctl.keepUntil(observer, "one");
				try (CommandLine.Running second = etcdctl.start("elect", "election", "two")) {
					etcdctl.awaitKeys("election/", 2);
					first.interrupt();
					etcdctl.keepUntil(second, "two");
					etcdctl.keepUntil(observer, "two");
					second.interrupt();
				}
			}
		});
		assertThat(transcript).contains("election/SESSION", "one", "two");
	}

	/** etcdctl can disarm alarms, but not raise one. */
	private static void raise(Etcdctl etcdctl) {
		try (Connection connection = new Connection(etcdctl.port())) {
			AlarmRequest raise = AlarmRequest.newBuilder()
				.setAction(AlarmRequest.AlarmAction.ACTIVATE)
				.setMemberID(42)
				.setAlarm(AlarmType.NOSPACE)
				.build();
			assertThat(connection.run(Call.of(MaintenanceGrpc.getAlarmMethod(), raise)).isOk()).isTrue();
		}
	}

}
