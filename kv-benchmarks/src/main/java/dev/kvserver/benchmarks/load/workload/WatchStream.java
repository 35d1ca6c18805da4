package dev.kvserver.benchmarks.load.workload;

import java.util.ArrayDeque;

import dev.kvserver.benchmarks.load.http2.Call;
import dev.kvserver.benchmarks.load.http2.CallListener;
import dev.kvserver.benchmarks.load.http2.Connection;
import dev.kvserver.benchmarks.load.wire.KeyValueView;
import dev.kvserver.benchmarks.load.wire.MessageWriter;
import dev.kvserver.benchmarks.load.wire.Requests;
import dev.kvserver.benchmarks.load.wire.Rpc;
import dev.kvserver.benchmarks.load.wire.WatchEventSink;
import dev.kvserver.benchmarks.load.wire.WatchReply;
import io.netty.util.collection.LongObjectHashMap;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * One stream with some watchers on it.
 */
final class WatchStream implements CallListener, WatchEventSink {

	private final WatchSet set;

	private final MessageWriter requests = new MessageWriter();

	/** In the order of the requests, which is the order of the answers. */
	private final ArrayDeque<Watcher> requested = new ArrayDeque<>();

	private final LongObjectHashMap<Watcher> watchers = new LongObjectHashMap<>();

	private final WatchReply reply = new WatchReply();

	/** Whose events are being read. */
	private @Nullable Watcher current;

	WatchStream(WatchSet set) {
		this.set = set;
	}

	/** Before the stream is started. */
	void add(Watcher watcher, Keyspace target) {
		Requests.watch(this.requests, target.first(), target.end(), watcher.lastRevision() + 1);
		this.requested.add(watcher);
	}

	void start(Connection connection) {
		connection.start(new Call(this), Rpc.WATCH, this.requests.array(), this.requests.length(), false);
	}

	@Override
	public void message(byte[] bytes, int from, int to) {
		this.reply.read(bytes, from, to);
		long id = this.reply.watchId();
		if (this.reply.created() && !this.reply.canceled() && !this.requested.isEmpty()) {
			this.watchers.put(id, this.requested.remove());
			this.set.created();
		}
		Watcher watcher = this.watchers.get(id);
		if (this.reply.canceled() || watcher == null) {
			String what = "watcher " + id + (this.reply.canceled() ? " was canceled: " : " is not known ");
			this.set.tally().wrong(what + this.reply.reason());
			this.set.failed(what + this.reply.reason());
			return;
		}
		this.current = watcher;
		this.reply.events(this);
	}

	@Override
	public void event(boolean deleted, KeyValueView keyValue) {
		Watcher watcher = requireNonNull(this.current);
		this.set.listener().event(watcher, deleted, keyValue);
		watcher.reached(keyValue.modRevision());
	}

	@Override
	public void closed(int status, String text) {
		this.set.tally().error(status, "a watch stream ended: " + text);
		this.set.failed("status " + status + ": " + text);
	}

}
