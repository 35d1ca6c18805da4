package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.function.Consumer;

import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.proto.etcdserverpb.ClusterGrpc;
import dev.kvserver.proto.etcdserverpb.Member;
import dev.kvserver.proto.etcdserverpb.MemberAddRequest;
import dev.kvserver.proto.etcdserverpb.MemberListRequest;
import dev.kvserver.proto.etcdserverpb.MemberListResponse;
import dev.kvserver.proto.etcdserverpb.MemberPromoteRequest;
import dev.kvserver.proto.etcdserverpb.MemberRemoveRequest;
import dev.kvserver.proto.etcdserverpb.MemberUpdateRequest;
import dev.kvserver.proto.etcdserverpb.MemberUpdateResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clusters of one member (etcd-contract section 2.11). That a second member is accepted
 * by etcd, and refused by us, is not played: that etcd could not be written to any more.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterCasesTests {

	private static final long UNKNOWN = 4711;

	private final BothServers servers = new BothServers();

	@AfterAll
	void close() {
		this.servers.close();
	}

	@Test
	void theOnlyMemberIsListed() {
		play((server) -> {
			assertThat(self(server).getIsLearner()).isFalse();
			server.ask(ClusterGrpc.getMemberListMethod(), MemberListRequest.newBuilder().setLinearizable(true).build());
			server.put("revision", "is not that of the header");
			self(server);
		});
	}

	@Test
	void memberWithoutUsableUrlsIsNotAdded() {
		play((server) -> {
			add(server);
			for (String url : List.of("", "nonsense", "http://a", "a:2380", "ftp://a:2380", "http://a:2380/path",
					"http://", "http://a:b:c", "://a:2380", "http://a b:2380")) {
				add(server, url);
				add(server, "http://127.0.0.1:1", url);
			}
		});
	}

	@Test
	void memberAtTheUrlOfAnotherIsNotAdded() {
		play((server) -> {
			String url = self(server).getPeerURLs(0);
			add(server, url);
			add(server, "http://127.0.0.1:1", url);
		});
	}

	@Test
	void theOnlyMemberCannotBeRemoved() {
		play((server) -> {
			remove(server, UNKNOWN);
			remove(server, 0);
			remove(server, self(server).getID());
			self(server);
		});
	}

	@Test
	void onlyLearnersArePromoted() {
		play((server) -> {
			promote(server, UNKNOWN);
			promote(server, 0);
			promote(server, self(server).getID());
		});
	}

	@Test
	void peerUrlsAreUpdated() {
		play((server) -> {
			Member self = self(server);
			update(server, UNKNOWN, "http://127.0.0.1:1");
			update(server, UNKNOWN, self.getPeerURLs(0));
			update(server, self.getID(), self.getPeerURLs(0));
			List<String> urls = List.of("http://127.0.0.1:3", "http://127.0.0.1:2");
			assertThat(update(server, self.getID(), urls.toArray(String[]::new))).isEqualTo(urls);
			assertThat(self(server).getPeerURLsList()).isEqualTo(urls);
			update(server, self.getID(), self.getPeerURLs(0));
			assertThat(self(server)).isEqualTo(self);
		});
	}

	private static Member self(Recorder server) {
		MemberListResponse response = (MemberListResponse) server
			.ask(ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance())
			.message();
		assertThat(response.getMembersCount()).isOne();
		return response.getMembers(0);
	}

	private static void add(Recorder server, String... urls) {
		assertThat(server
			.ask(ClusterGrpc.getMemberAddMethod(), MemberAddRequest.newBuilder().addAllPeerURLs(List.of(urls)).build())
			.isOk()).isFalse();
		server.ask(ClusterGrpc.getMemberAddMethod(),
				MemberAddRequest.newBuilder().addAllPeerURLs(List.of(urls)).setIsLearner(true).build());
	}

	private static void remove(Recorder server, long id) {
		server.ask(ClusterGrpc.getMemberRemoveMethod(), MemberRemoveRequest.newBuilder().setID(id).build());
	}

	private static void promote(Recorder server, long id) {
		server.ask(ClusterGrpc.getMemberPromoteMethod(), MemberPromoteRequest.newBuilder().setID(id).build());
	}

	private static List<String> update(Recorder server, long id, String... urls) {
		Outcome outcome = server.ask(ClusterGrpc.getMemberUpdateMethod(),
				MemberUpdateRequest.newBuilder().setID(id).addAllPeerURLs(List.of(urls)).build());
		return outcome.isOk() ? ((MemberUpdateResponse) outcome.message()).getMembers(0).getPeerURLsList() : List.of();
	}

	private void play(Consumer<Recorder> scenario) {
		assertThat(this.servers.play(scenario)).isNotEmpty();
	}

}
