package dev.kvserver.server.coordination;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.proto.v3electionpb.LeaderResponse;
import dev.kvserver.server.error.EtcdError;
import io.grpc.stub.ServerCallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Tells an observer of each leader and of each value it proclaims:
 *
 * <pre>
 *   who leads? -- nobody --&gt; watch all candidates until one enters
 *       |                       |
 *       v                       v
 *   watch the leader's key until it is deleted, then ask again
 * </pre>
 *
 * One step is under way at a time, so nothing here is shared between threads but the
 * watch of that step and its end.
 */
final class Observation {

	private final CallerStore store;

	private final OpenCalls calls;

	private final Runnable stop = this::stop;

	private final ByteString prefix;

	private final ServerCallStreamObserver<LeaderResponse> observer;

	/** Set once, under the lock of this: nothing is told after it. */
	private volatile boolean ended;

	private volatile @Nullable Step step;

	Observation(CallerStore store, OpenCalls calls, ByteString name,
			ServerCallStreamObserver<LeaderResponse> observer) {
		this.store = store;
		this.calls = calls;
		this.prefix = Keys.prefix(name);
		this.observer = observer;
	}

	void start() {
		this.observer.setOnCancelHandler(this::cancel);
		this.observer.setOnReadyHandler(this::ready);
		this.calls.add(this.stop);
		ask();
	}

	private void cancel() {
		finish();
	}

	private void stop() {
		fail(EtcdError.STOPPED.exception());
	}

	/** Lets go of everything; whether that had still to be done. */
	private synchronized boolean finish() {
		boolean first = !this.ended;
		this.ended = true;
		this.calls.remove(this.stop);
		Step watching = this.step;
		if (watching != null) {
			watching.end();
		}
		return first;
	}

	private void ready() {
		Step watching = this.step;
		if (watching != null) {
			watching.ready();
		}
	}

	private void ask() {
		if (!this.ended) {
			Futures.onDone(this.store.range(Keys.oldest(this.prefix)), this::asked);
		}
	}

	private void asked(@Nullable RangeResponse found, @Nullable Throwable failure) {
		if (found == null) {
			fail((failure != null) ? failure : EtcdError.STOPPED.exception());
		}
		else if (found.getKvsCount() == 0) {
			watch(new FirstCandidate(),
					WatchCreateRequest.newBuilder()
						.setKey(this.prefix)
						.setRangeEnd(Keys.end(this.prefix))
						.setStartRevision(found.getHeader().getRevision()));
		}
		else {
			follow(found.getHeader(), found.getKvs(0));
		}
	}

	private void follow(ResponseHeader header, KeyValue leader) {
		tell(header, leader);
		watch(new Leader(),
				WatchCreateRequest.newBuilder().setKey(leader.getKey()).setStartRevision(header.getRevision() + 1));
	}

	private void watch(Step next, WatchCreateRequest.Builder request) {
		this.step = next;
		next.watch(request.build());
		if (this.ended) {
			next.end();
		}
	}

	private synchronized void tell(ResponseHeader header, KeyValue leader) {
		if (!this.ended) {
			this.observer.onNext(LeaderResponse.newBuilder().setHeader(header).setKv(leader).build());
		}
	}

	private void fail(Throwable failure) {
		if (finish()) {
			this.observer.onError(Failures.status(failure));
		}
	}

	/** Something that is watched until it leads to the next step. */
	private abstract class Step implements CallerStore.Watcher {

		private volatile boolean over;

		private volatile CallerStore.@Nullable Watch watch;

		final void watch(WatchCreateRequest request) {
			this.watch = Observation.this.store.watch(request, this);
			if (this.over) {
				end();
			}
		}

		/** Whoever comes last, this or the assignment of the watch, closes it. */
		final void end() {
			this.over = true;
			CallerStore.Watch open = this.watch;
			if (open != null) {
				open.close();
			}
		}

		final void ready() {
			CallerStore.Watch open = this.watch;
			if (open != null) {
				open.ready();
			}
		}

		@Override
		public final boolean isReady() {
			return Observation.this.observer.isReady();
		}

		@Override
		public final void onResponse(WatchResponse response) {
			if (response.getCanceled()) {
				end();
				ask();
				return;
			}
			for (int i = 0; i < response.getEventsCount() && !this.over; i++) {
				onEvent(response.getHeader(), response.getEvents(i));
			}
		}

		@Override
		public final void onEnded() {
			if (!this.over) {
				this.over = true;
				fail(EtcdError.STOPPED.exception());
			}
		}

		abstract void onEvent(ResponseHeader header, Event event);

	}

	/** Nobody leads: the first to enter does. */
	private final class FirstCandidate extends Step {

		@Override
		void onEvent(ResponseHeader header, Event event) {
			if (event.getType() == Event.EventType.PUT) {
				end();
				follow(header.toBuilder().setRevision(event.getKv().getModRevision()).build(), event.getKv());
			}
		}

	}

	/** Somebody leads, until the key is gone. */
	private final class Leader extends Step {

		@Override
		void onEvent(ResponseHeader header, Event event) {
			if (event.getType() == Event.EventType.DELETE) {
				end();
				ask();
			}
			else {
				tell(header, event.getKv());
			}
		}

	}

}
