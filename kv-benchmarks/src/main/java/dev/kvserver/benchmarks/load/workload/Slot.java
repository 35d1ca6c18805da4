package dev.kvserver.benchmarks.load.workload;

import dev.kvserver.benchmarks.load.http2.Call;
import dev.kvserver.benchmarks.load.http2.CallListener;
import dev.kvserver.benchmarks.load.http2.CallStatus;
import dev.kvserver.benchmarks.load.http2.Connection;
import dev.kvserver.benchmarks.load.wire.KeyValueSink;
import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Reply;
import dev.kvserver.benchmarks.load.wire.Rpc;

/**
 * What one operation at a time runs in, on one connection.
 */
final class Slot implements CallListener, KeyValueSink {

	private final Worker worker;

	private final Connection connection;

	private final Call call = new Call(this);

	/** The request, for the operation to write. */
	final MessageWriter request = new MessageWriter();

	/** The reply, for the operation to look at. */
	final Reply reply = new Reply();

	/** When the operation was begun or, at a fixed rate, was due. */
	long startNanos;

	/** When its latest call was begun. */
	long callNanos;

	/** Where its time goes besides the total; the operation may choose. */
	Series series;

	/** For the operation: a key. */
	int key;

	/** For the operation: a number, such as that of a value. */
	long number;

	/** For the operation: a revision seen in the reply. */
	long seenRevision;

	/** For the mix: what kind of operation it is. */
	MixKind kind = MixKind.GET;

	/** For the operation: a truth value. */
	boolean flag;

	private Rpc rpc = Rpc.PUT;

	private boolean busy;

	private boolean readable;

	Slot(Worker worker, Connection connection) {
		this.worker = worker;
		this.connection = connection;
		this.series = worker.tally().total();
	}

	boolean isFree() {
		return !this.call.isOpen();
	}

	/** Begins a call with the request that was written. */
	void start(Rpc method) {
		this.rpc = method;
		this.busy = true;
		this.readable = false;
		this.connection.start(this.call, method, this.request.array(), this.request.length(), true);
	}

	@Override
	public void message(byte[] bytes, int from, int to) {
		this.reply.read(this.rpc, bytes, from, to, this);
		this.readable = true;
	}

	@Override
	public void keyValue(KeyValueView keyValue) {
		this.worker.operation().keyValue(this, keyValue);
	}

	@Override
	public void closed(int status, String text) {
		if (!this.busy) {
			return;
		}
		this.busy = false;
		if (status != CallStatus.OK) {
			this.worker.failed(this, status, text);
		}
		else if (!this.readable) {
			this.worker.failed(this, CallStatus.GARBLED, "no reply");
		}
		else {
			this.worker.replied(this);
		}
	}

	/** The phase is over: whatever still comes does not count. */
	void abandon() {
		if (this.busy) {
			this.busy = false;
			this.connection.cancel(this.call);
		}
	}

}
