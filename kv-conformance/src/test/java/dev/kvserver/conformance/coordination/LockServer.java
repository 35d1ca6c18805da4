package dev.kvserver.conformance.coordination;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.port.PortOptions;

/** Our server in this JVM, whose time only passes when a test lets it. Any thread. */
final class LockServer implements AutoCloseable {

	private final MovedClock clock = new MovedClock();

	private final KvServer server;

	private final Connection connection;

	LockServer() {
		this.server = KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.clock(this.clock)
			.build());
		this.server.listen();
		this.connection = new Connection(this.server.port());
	}

	/** A connection of its own. */
	Connection connect() {
		return new Connection(this.server.port());
	}

	long grant(long ttlSeconds) {
		LeaseGrantRequest request = LeaseGrantRequest.newBuilder().setTTL(ttlSeconds).build();
		Message granted = this.connection.run(Call.of(LeaseGrpc.getLeaseGrantMethod(), request)).message();
		return ((LeaseGrantResponse) granted).getID();
	}

	/**
	 * Lets time pass, and the server notice: a new lease wakes what looks for old ones.
	 */
	void pass(Duration time) {
		this.clock.advance(time);
		grant(1);
	}

	@Override
	public void close() {
		this.connection.close();
		this.server.close();
	}

}
