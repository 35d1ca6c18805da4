package dev.kvserver.benchmarks.load.workload;

import java.util.concurrent.CompletableFuture;

import dev.kvserver.benchmarks.load.http2.Call;
import dev.kvserver.benchmarks.load.http2.CallListener;
import dev.kvserver.benchmarks.load.http2.CallStatus;
import dev.kvserver.benchmarks.load.http2.Connection;
import dev.kvserver.benchmarks.load.wire.KeyValueSink;
import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Reply;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;

/**
 * Renews every lease once on one stream, so that they all end at about the same time. The
 * answers come in the order of the requests.
 */
final class RenewalStream implements CallListener {

	private final Worker worker;

	private final Leases leases;

	private final MessageWriter requests = new MessageWriter();

	private final Reply reply = new Reply();

	private final CompletableFuture<Void> result = new CompletableFuture<>();

	private long sentNanos;

	private int renewed;

	RenewalStream(Worker worker, Leases leases) {
		this.worker = worker;
		this.leases = leases;
		for (int i = 0; i < leases.count(); i++) {
			Requests.keepAlive(this.requests, leases.id(i));
		}
	}

	/** Begins, on the thread of the loop. */
	CompletableFuture<Void> start(Connection connection) {
		this.sentNanos = System.nanoTime();
		connection.start(new Call(this), Rpc.LEASE_KEEP_ALIVE, this.requests.array(), this.requests.length(), true);
		return this.result;
	}

	@Override
	public void message(byte[] bytes, int from, int to) {
		this.reply.read(Rpc.LEASE_KEEP_ALIVE, bytes, from, to, KeyValueSink.NONE);
		if (this.renewed >= this.leases.count() || this.reply.leaseId() != this.leases.id(this.renewed)
				|| this.reply.ttlSeconds() <= 0) {
			this.result.completeExceptionally(
					new SetupException("A renewal was answered for another lease, or for one that is gone"));
			return;
		}
		this.leases.renewed(this.renewed++, this.sentNanos, this.worker.now());
	}

	@Override
	public void closed(int status, String text) {
		if (status == CallStatus.OK && this.renewed == this.leases.count()) {
			this.result.complete(null);
		}
		else {
			this.result.completeExceptionally(new SetupException(
					"Renewals ended after " + this.renewed + " leases with status " + status + ": " + text));
		}
	}

}
