package dev.kvserver.server.rpc;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;

import static java.util.Objects.requireNonNull;

/**
 * A client's side of LeaseKeepAlive: what arrives waits in a queue.
 */
final class KeepAliveCall extends ClientCall.Listener<LeaseKeepAliveResponse> {

	private final LinkedBlockingQueue<Object> arrived = new LinkedBlockingQueue<>();

	private final ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;

	private KeepAliveCall(ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call) {
		this.call = call;
	}

	/** A client that takes answers as they come. */
	static KeepAliveCall open(ManagedChannel channel) {
		KeepAliveCall call = openWithoutReading(channel);
		call.read(Integer.MAX_VALUE);
		return call;
	}

	/** A client that takes no answer until it {@link #read(int) reads}. */
	static KeepAliveCall openWithoutReading(ManagedChannel channel) {
		KeepAliveCall opened = new KeepAliveCall(
				channel.newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT));
		opened.call.start(opened, new Metadata());
		return opened;
	}

	void send(long id) {
		this.call.sendMessage(LeaseKeepAliveRequest.newBuilder().setID(id).build());
	}

	void read(int count) {
		this.call.request(count);
	}

	void halfClose() {
		this.call.halfClose();
	}

	void cancel() {
		this.call.cancel("the client gave up", null);
	}

	boolean hasAnswers() {
		return !this.arrived.isEmpty();
	}

	/** Waits for the next answer. */
	LeaseKeepAliveResponse next() throws InterruptedException {
		return (LeaseKeepAliveResponse) nextOrStatus();
	}

	/** Waits for the end. */
	Status status() throws InterruptedException {
		return (Status) nextOrStatus();
	}

	private Object nextOrStatus() throws InterruptedException {
		return requireNonNull(this.arrived.poll(60, TimeUnit.SECONDS), "nothing arrived");
	}

	@Override
	public void onMessage(LeaseKeepAliveResponse response) {
		this.arrived.add(response);
	}

	@Override
	public void onClose(Status status, Metadata trailers) {
		this.arrived.add(status);
	}

}
