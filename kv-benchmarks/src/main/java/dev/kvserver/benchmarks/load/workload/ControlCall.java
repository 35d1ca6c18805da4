package dev.kvserver.benchmarks.load.workload;

import java.util.concurrent.CompletableFuture;

import dev.kvserver.benchmarks.load.http2.Call;
import dev.kvserver.benchmarks.load.http2.CallListener;
import dev.kvserver.benchmarks.load.http2.CallStatus;
import dev.kvserver.benchmarks.load.http2.Connection;
import dev.kvserver.benchmarks.load.wire.KeyValueSink;
import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Reply;
import dev.kvserver.benchmarks.load.wire.Rpc;

/**
 * A single call that somebody waits for.
 */
final class ControlCall implements CallListener {

	private final Rpc rpc;

	private final KeyValueSink sink;

	private final Reply reply = new Reply();

	private final CompletableFuture<Reply> result = new CompletableFuture<>();

	private boolean readable;

	ControlCall(Rpc rpc, KeyValueSink sink) {
		this.rpc = rpc;
		this.sink = sink;
	}

	/** Begins the call, on the thread of the loop; it fails with a SetupException. */
	CompletableFuture<Reply> start(Connection connection, MessageWriter request) {
		connection.start(new Call(this), this.rpc, request.array(), request.length(), true);
		return this.result;
	}

	@Override
	public void message(byte[] bytes, int from, int to) {
		this.reply.read(this.rpc, bytes, from, to, this.sink);
		this.readable = true;
	}

	@Override
	public void closed(int status, String text) {
		if (status == CallStatus.OK && this.readable) {
			this.result.complete(this.reply);
		}
		else {
			this.result.completeExceptionally(new SetupException(this.rpc.path() + ": status " + status + ": " + text));
		}
	}

}
