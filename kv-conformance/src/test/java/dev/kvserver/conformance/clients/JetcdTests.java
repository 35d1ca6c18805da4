package dev.kvserver.conformance.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import dev.kvserver.conformance.process.ServerUnderTest;
import io.etcd.jetcd.Auth;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.auth.Permission;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.watch.WatchResponse;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * jetcd's KV, Watch, Lease and Auth clients on a real etcd and on the sample application.
 */
@Tag("real-etcd")
class JetcdTests extends SampleAppBesideEtcd {

	private static final long TTL_SECONDS = 5000;

	@Test
	void keys() {
		play((client, jetcd) -> {
			KV kv = client.getKVClient();
			jetcd.keep(kv.put(bytes("a"), bytes("1")));
			jetcd.keep(kv.put(bytes("a"), bytes("2"), PutOption.builder().withPrevKV().build()));
			jetcd.keep(kv.put(bytes("a/b"), bytes("3")));
			jetcd.keep(kv.get(bytes("a")));
			jetcd.keep(kv.get(bytes("absent")));
			GetOption.Builder all = GetOption.builder().isPrefix(true);
			jetcd.keep(kv.get(bytes("a"), all.build()));
			jetcd.keep(kv.get(bytes("a"), GetOption.builder().isPrefix(true).withLimit(1).build()));
			jetcd.keep(kv.get(bytes("a"), GetOption.builder().isPrefix(true).withKeysOnly(true).build()));
			jetcd.keep(kv.get(bytes("a"), GetOption.builder().isPrefix(true).withCountOnly(true).build()));
			jetcd.keep(kv.get(bytes("a"),
					GetOption.builder()
						.isPrefix(true)
						.withSortOrder(GetOption.SortOrder.DESCEND)
						.withSortField(GetOption.SortTarget.MOD)
						.build()));
			jetcd.keep(kv.get(bytes("a"), GetOption.builder().withRevision(1_000_000).build()));
			jetcd.keep(kv.get(bytes("")));
			jetcd.keep(kv.delete(bytes("a/b"), DeleteOption.builder().withPrevKV(true).build()));
			jetcd.keep(kv.delete(bytes("a"), DeleteOption.builder().isPrefix(true).build()));
			jetcd.keep(kv.delete(bytes("a")));
		});
	}

	@Test
	void transactionsAndCompaction() {
		play((client, jetcd) -> {
			KV kv = client.getKVClient();
			long revision = Jetcd.get(kv.put(bytes("t"), bytes("1"))).getHeader().getRevision();
			Op put = Op.put(bytes("t"), bytes("2"), PutOption.DEFAULT);
			Op get = Op.get(bytes("t"), GetOption.DEFAULT);
			Op nested = Op.txn(new Cmp[] {}, new Op[] { get, Op.delete(bytes("t"), DeleteOption.DEFAULT) },
					new Op[] {});
			Cmp equal = new Cmp(bytes("t"), Cmp.Op.EQUAL, CmpTarget.value(bytes("1")));
			jetcd.keep(kv.txn().If(equal).Then(put, get).Else(nested).commit());
			jetcd.keep(kv.txn().If(equal).Then(put, get).Else(nested).commit());
			jetcd.keep(kv.txn().Then(put, put).commit());
			jetcd.keep(kv.compact(revision, CompactOption.builder().withCompactPhysical(true).build()));
			jetcd.keep(kv.compact(revision));
			jetcd.keep(kv.get(bytes("t"), GetOption.builder().withRevision(revision - 1).build()));
		});
	}

	@Test
	void leases() {
		play((client, jetcd) -> {
			Lease leases = client.getLeaseClient();
			long id = Jetcd.get(leases.grant(TTL_SECONDS)).getID();
			jetcd.hide(id);
			jetcd.keep(client.getKVClient().put(bytes("l"), bytes("1"), PutOption.builder().withLeaseId(id).build()));
			jetcd.keep(client.getKVClient().get(bytes("l")));
			jetcd.keep(leases.timeToLive(id, LeaseOption.builder().withAttachedKeys().build()));
			jetcd.keep(leases.keepAliveOnce(id));
			BlockingQueue<Object> beats = new LinkedBlockingQueue<>();
			CloseableClient beating = leases.keepAlive(id, new Beats(beats));
			jetcd.keepNext(beats);
			beating.close();
			jetcd.keep(leases.revoke(id));
			jetcd.keep(client.getKVClient().get(bytes("l")));
			jetcd.keep(leases.revoke(id));
			jetcd.keep(leases.keepAliveOnce(id));
			jetcd.keep(leases.timeToLive(id, LeaseOption.DEFAULT));
		});
	}

	@Test
	void watches() {
		play((client, jetcd) -> {
			KV kv = client.getKVClient();
			long revision = Jetcd.get(kv.put(bytes("w/1"), bytes("1"))).getHeader().getRevision();
			BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
			Watch.Listener listener = Watch.listener(seen::add, seen::add, () -> seen.add("completed"));
			WatchOption past = WatchOption.builder().isPrefix(true).withRevision(revision).withPrevKV(true).build();
			try (Watch.Watcher watcher = client.getWatchClient().watch(bytes("w/"), past, listener)) {
				jetcd.keepNext(seen);
				jetcd.keep(kv.put(bytes("w/1"), bytes("2")));
				jetcd.keepNext(seen);
				jetcd.keep(kv.delete(bytes("w/1")));
				jetcd.keepNext(seen);
				watcher.requestProgress();
				WatchResponse progress = (WatchResponse) jetcd.keepNext(seen);
				assertThat(progress.isProgressNotify()).as(progress.toString()).isTrue();
			}
			assertThat(Jetcd.next(seen)).isEqualTo("completed");
			jetcd.keep(kv.compact(revision + 2));
			try (Watch.Watcher watcher = client.getWatchClient().watch(bytes("w/"), past, listener)) {
				jetcd.keepNext(seen);
				jetcd.keepNext(seen);
				assertThat(watcher.isClosed()).isTrue();
			}
		});
	}

	@Test
	void usersAndRoles() {
		play((client, jetcd) -> {
			Auth users = client.getAuthClient();
			addUsers(users, jetcd);
			jetcd.keep(users.authEnable());
			jetcd.keep(client.getKVClient().get(bytes("app/1")));
			try (Client root = jetcd.client("root", "r"); Client alice = jetcd.client("alice", "a")) {
				KV kv = alice.getKVClient();
				jetcd.keep(kv.put(bytes("app/1"), bytes("v")));
				assertThat(Jetcd.get(kv.get(bytes("app/1"))).getCount()).isEqualTo(1);
				jetcd.keep(kv.get(bytes("app/"), GetOption.builder().isPrefix(true).build()));
				assertThat(kv.get(bytes("other"))).failsWithin(30, TimeUnit.SECONDS)
					.withThrowableThat()
					.withMessageContaining("permission denied");
				jetcd.keep(kv.get(bytes("other")));
				jetcd.keep(kv.txn().Then(Op.put(bytes("app/1"), bytes("w"), PutOption.DEFAULT)).commit());
				jetcd.keep(kv.txn().Then(Op.put(bytes("other"), bytes("w"), PutOption.DEFAULT)).commit());
				jetcd.keep(kv.delete(bytes("app/1")));
				jetcd.keep(alice.getAuthClient().userGet(bytes("alice")));
				jetcd.keep(alice.getAuthClient().userGet(bytes("root")));
				jetcd.keep(alice.getAuthClient().roleAdd(bytes("mine")));
				jetcd.keep(alice.getMaintenanceClient().listAlarms());
				jetcd.keep(root.getKVClient().get(bytes("other")));
				// Ends what alice has shown until now; its client logs in again by
				// itself.
				jetcd.keep(root.getAuthClient().userChangePassword(bytes("alice"), bytes("a")));
				jetcd.keep(kv.get(bytes("app/1")));
				jetcd.keep(root.getAuthClient().userRevokeRole(bytes("alice"), bytes("app")));
				jetcd.keep(kv.get(bytes("app/1")));
				jetcd.keep(root.getAuthClient().userDelete(bytes("root")));
				jetcd.keep(root.getAuthClient().authDisable());
			}
			try (Client eve = jetcd.client("eve", "e")) {
				jetcd.keep(eve.getKVClient().get(bytes("app/1")));
			}
			removeUsers(users, jetcd);
		});
	}

	private static void addUsers(Auth users, Jetcd jetcd) {
		for (String name : List.of("root", "alice", "alice")) {
			jetcd.keep(users.userAdd(bytes(name), bytes(name.substring(0, 1))));
		}
		jetcd.keep(users.userList());
		jetcd.keep(users.roleAdd(bytes("app")));
		jetcd.keep(users.roleAdd(bytes("app")));
		Permission.Type both = Permission.Type.READWRITE;
		jetcd.keep(users.roleGrantPermission(bytes("app"), bytes("app/"), bytes("app0"), both));
		jetcd.keep(users.roleGrantPermission(bytes("none"), bytes("app/"), bytes("app0"), both));
		jetcd.keep(users.roleGet(bytes("app")));
		jetcd.keep(users.roleGet(bytes("none")));
		jetcd.keep(users.userGrantRole(bytes("alice"), bytes("app")));
		jetcd.keep(users.userGet(bytes("alice")));
		jetcd.keep(users.authEnable());
		jetcd.keep(users.roleAdd(bytes("root")));
		jetcd.keep(users.userGrantRole(bytes("root"), bytes("root")));
		jetcd.keep(users.roleList());
	}

	private static void removeUsers(Auth users, Jetcd jetcd) {
		jetcd.keep(users.userRevokeRole(bytes("alice"), bytes("app")));
		jetcd.keep(users.roleRevokePermission(bytes("app"), bytes("app/"), bytes("app0")));
		jetcd.keep(users.roleRevokePermission(bytes("app"), bytes("app/"), bytes("app0")));
		for (String name : List.of("app", "app", "root")) {
			jetcd.keep(users.roleDelete(bytes(name)));
		}
		for (String name : List.of("alice", "alice", "root")) {
			jetcd.keep(users.userDelete(bytes(name)));
		}
	}

	private void play(BiConsumer<Client, Jetcd> scenario) {
		List<String> left = play(reference(), scenario);
		List<String> right = play(candidate(), scenario);
		for (int i = 0; i < left.size(); i++) {
			assertThat(right.get(i)).as("Answer " + i).isEqualTo(left.get(i));
		}
		assertThat(right).hasSameSizeAs(left).isNotEmpty();
	}

	private static List<String> play(ServerUnderTest server, BiConsumer<Client, Jetcd> scenario) {
		Jetcd jetcd = new Jetcd("http://127.0.0.1:" + server.port());
		try (Client client = Client.builder().endpoints(jetcd.endpoint).build()) {
			scenario.accept(client, jetcd);
		}
		return jetcd.transcript;
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, UTF_8);
	}

	/** What a client was answered, without what differs from server to server. */
	private static final class Jetcd {

		private final List<String> transcript = new ArrayList<>();

		private final String endpoint;

		private String hidden = "none";

		Jetcd(String endpoint) {
			this.endpoint = endpoint;
		}

		/** A client that logs in. */
		Client client(String user, String password) {
			return Client.builder().endpoints(this.endpoint).user(bytes(user)).password(bytes(password)).build();
		}

		void hide(long lease) {
			this.hidden = Long.toString(lease);
		}

		void keep(CompletableFuture<?> answer) {
			this.transcript.add(normal(answer.handle((value, failure) -> (failure != null) ? failure : value).join()));
		}

		Object keepNext(BlockingQueue<Object> queue) {
			Object next = next(queue);
			this.transcript.add(normal(next));
			return next;
		}

		static Object next(BlockingQueue<Object> queue) {
			try {
				Object next = queue.poll(30, TimeUnit.SECONDS);
				if (next == null) {
					throw new AssertionError("Nothing comes");
				}
				return next;
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IllegalStateException(ex);
			}
		}

		static <T> T get(CompletableFuture<T> answer) {
			return answer.join();
		}

		private String normal(Object answer) {
			return answer.toString()
				.replace(this.hidden, "LEASE")
				.replaceAll("(cluster_id|member_id|raft_term): \\d+", "$1: NUMBER")
				.replaceAll("(?m)^TTL: 4\\d{3}", "TTL: 5000");
		}

	}

	/** Answers of a keep-alive. */
	private record Beats(BlockingQueue<Object> beats) implements StreamObserver<LeaseKeepAliveResponse> {

		@Override
		public void onNext(LeaseKeepAliveResponse response) {
			this.beats.add(response);
		}

		@Override
		public void onError(Throwable error) {
			this.beats.add(error);
		}

		@Override
		public void onCompleted() {
			// It is closed when enough was seen.
		}

	}

}
