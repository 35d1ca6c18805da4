package dev.kvserver.server.coordination;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.v3electionpb.ElectionGrpc;
import dev.kvserver.proto.v3lockpb.LockGrpc;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.KvStore;
import dev.kvserver.server.port.PortOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;

import static org.assertj.core.api.Assertions.assertThat;

/** A whole server and its clients over real gRPC. */
final class CoordinationServer implements AutoCloseable {

	private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

	private final KvServer server;

	private final ManagedChannel channel;

	CoordinationServer() {
		this.server = KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.build());
		this.server.listen();
		this.channel = ManagedChannelBuilder.forAddress("127.0.0.1", this.server.port()).usePlaintext().build();
	}

	ElectionGrpc.ElectionBlockingStub election() {
		return ElectionGrpc.newBlockingStub(this.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
	}

	ElectionGrpc.ElectionFutureStub electionLater() {
		return ElectionGrpc.newFutureStub(this.channel);
	}

	ElectionGrpc.ElectionStub electionStreams() {
		return ElectionGrpc.newStub(this.channel);
	}

	LockGrpc.LockBlockingStub lock() {
		return LockGrpc.newBlockingStub(this.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
	}

	LockGrpc.LockFutureStub lockLater() {
		return LockGrpc.newFutureStub(this.channel);
	}

	KVGrpc.KVBlockingStub kv() {
		return KVGrpc.newBlockingStub(this.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
	}

	long lease(long id) {
		LeaseGrantRequest grant = LeaseGrantRequest.newBuilder().setID(id).setTTL(600).build();
		return LeaseGrpc.newBlockingStub(this.channel).leaseGrant(grant).getID();
	}

	void revoke(long id) {
		LeaseGrpc.newBlockingStub(this.channel).leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
	}

	/** Waits, on a watch, until there are so many keys. */
	void awaitKeys(int count) throws InterruptedException {
		BlockingQueue<WatchResponse> changes = new LinkedBlockingQueue<>();
		WatchCreateRequest all = WatchCreateRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO).build();
		KvStore.Watch watch = this.server.store().watch(all, changes::add);
		try {
			assertThat(changes.poll(20, TimeUnit.SECONDS)).as("created").isNotNull();
			while (keys() != count) {
				assertThat(changes.poll(20, TimeUnit.SECONDS)).as("a change").isNotNull();
			}
		}
		finally {
			watch.close();
		}
	}

	long keys() {
		return kv().range(RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO).setCountOnly(true).build())
			.getCount();
	}

	/** Drains the server, as before its end. */
	void drain() throws InterruptedException {
		this.server.drain();
	}

	/** How many keys the store has, asked without the port. */
	long keysInside() throws Exception {
		return this.server.store()
			.range(RangeRequest.newBuilder().setKey(ZERO).setRangeEnd(ZERO).setCountOnly(true).build())
			.get(20, TimeUnit.SECONDS)
			.getCount();
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
		this.server.close();
	}

}
