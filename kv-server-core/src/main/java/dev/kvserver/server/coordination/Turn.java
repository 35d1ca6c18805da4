package dev.kvserver.server.coordination;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.error.EtcdError;
import org.jspecify.annotations.Nullable;

/**
 * Waits until no key with a prefix is older than one's own. Only the youngest of the
 * older keys is watched, so a release wakes one waiter and not all of them.
 */
final class Turn {

	private final CallerStore store;

	private final ByteString prefix;

	private final long createRevision;

	private final CompletableFuture<Void> done = new CompletableFuture<>();

	private volatile @Nullable Deletion awaited;

	Turn(CallerStore store, ByteString prefix, long createRevision) {
		this.store = store;
		this.prefix = prefix;
		this.createRevision = createRevision;
	}

	/** Begins to wait; called once. */
	CompletableFuture<Void> await() {
		look();
		return this.done;
	}

	/** Gives up because the caller does, unless the turn has come. */
	void cancel() {
		giveUp(new CancellationException("the caller has left"));
	}

	/** Gives up because the server stops, unless the turn has come. */
	void stop() {
		giveUp(EtcdError.STOPPED.exception());
	}

	private void giveUp(Throwable reason) {
		this.done.completeExceptionally(reason);
		Deletion deletion = this.awaited;
		if (deletion != null) {
			deletion.end();
		}
	}

	private void look() {
		if (!this.done.isDone()) {
			Futures.onDone(this.store.range(Keys.youngestBefore(this.prefix, this.createRevision)), this::looked);
		}
	}

	private void looked(@Nullable RangeResponse found, @Nullable Throwable failure) {
		if (found == null) {
			this.done.completeExceptionally((failure != null) ? failure : EtcdError.STOPPED.exception());
		}
		else if (found.getKvsCount() == 0) {
			this.done.complete(null);
		}
		else {
			Deletion deletion = new Deletion();
			this.awaited = deletion;
			deletion.await(found.getKvs(0), found.getHeader().getRevision());
			if (this.done.isDone()) {
				deletion.end();
			}
		}
	}

	/** Waits for the deletion of one key. */
	private final class Deletion implements CallerStore.Watcher {

		private volatile boolean over;

		private volatile CallerStore.@Nullable Watch watch;

		void await(KeyValue key, long revision) {
			this.watch = Turn.this.store
				.watch(WatchCreateRequest.newBuilder().setKey(key.getKey()).setStartRevision(revision).build(), this);
			if (this.over) {
				end();
			}
		}

		/** Whoever comes last, this or the assignment of the watch, closes it. */
		void end() {
			this.over = true;
			CallerStore.Watch open = this.watch;
			if (open != null) {
				open.close();
			}
		}

		/** A watch that a compaction has overtaken may have missed the deletion. */
		@Override
		public void onResponse(WatchResponse response) {
			if (!this.over && (response.getCanceled() || hasDelete(response))) {
				end();
				look();
			}
		}

		@Override
		public void onEnded() {
			if (!this.over) {
				this.over = true;
				Turn.this.done.completeExceptionally(EtcdError.STOPPED.exception());
			}
		}

	}

	private static boolean hasDelete(WatchResponse response) {
		for (int i = 0; i < response.getEventsCount(); i++) {
			if (response.getEvents(i).getType() == Event.EventType.DELETE) {
				return true;
			}
		}
		return false;
	}

}
