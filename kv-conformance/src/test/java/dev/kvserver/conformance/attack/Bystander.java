package dev.kvserver.conformance.attack;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A well-behaved client that writes and reads, one request at a time, and minds its
 * latencies. A request that fails is a failed test.
 */
final class Bystander implements AutoCloseable {

	private static final int TIMEOUT_SECONDS = 20;

	private final Connection connection;

	private final KVGrpc.KVBlockingStub kv;

	private long written;

	Bystander(int port) {
		this.connection = new Connection(port);
		this.kv = KVGrpc.newBlockingStub(this.connection.channel());
	}

	/** The time that 99 of 100 requests stay below, in nanoseconds. */
	long p99(int requests) {
		long[] nanos = new long[requests];
		for (int i = 0; i < requests; i++) {
			long start = System.nanoTime();
			ask(i % 2 == 0);
			nanos[i] = System.nanoTime() - start;
		}
		Arrays.sort(nanos);
		return nanos[Math.min(requests - 1, requests * 99 / 100)];
	}

	private void ask(boolean write) {
		ByteString key = ByteString.copyFromUtf8("bystander");
		KVGrpc.KVBlockingStub limited = this.kv.withDeadlineAfter(TIMEOUT_SECONDS, TimeUnit.SECONDS);
		if (write) {
			this.written++;
			limited.put(PutRequest.newBuilder()
				.setKey(key)
				.setValue(ByteString.copyFromUtf8(Long.toString(this.written)))
				.build());
			return;
		}
		String read = limited.range(RangeRequest.newBuilder().setKey(key).build()).getKvs(0).getValue().toStringUtf8();
		assertThat(read).isEqualTo(Long.toString(this.written));
	}

	/** A large value, for attackers who like large answers. */
	void putLarge(String key, int bytes) {
		this.kv.put(PutRequest.newBuilder()
			.setKey(ByteString.copyFromUtf8(key))
			.setValue(ByteString.copyFrom(new byte[bytes]))
			.build());
	}

	@Override
	public void close() {
		this.connection.close();
	}

}
