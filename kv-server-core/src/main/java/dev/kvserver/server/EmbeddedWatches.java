package dev.kvserver.server;

import java.util.Arrays;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.coordination.CallerStore;
import dev.kvserver.server.watch.ResponseBatch;
import dev.kvserver.server.watch.WatchAuthorizer;
import dev.kvserver.server.watch.WatchLoop;
import dev.kvserver.server.watch.WatchSink;
import dev.kvserver.server.watch.WatchStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watches of the embedded store: each has a stream of its own. */
final class EmbeddedWatches {

	private static final Logger logger = LoggerFactory.getLogger(EmbeddedWatches.class);

	private final WatchLoop loop;

	private final WatchAuthorizer authorizer;

	EmbeddedWatches(WatchLoop loop, WatchAuthorizer authorizer) {
		this.loop = loop;
		this.authorizer = authorizer;
	}

	KvStore.Watch open(WatchCreateRequest request, KvStore.WatchListener listener) {
		return open(request, new AlwaysReady(listener));
	}

	WatcherSink open(WatchCreateRequest request, CallerStore.Watcher watcher) {
		WatcherSink sink = new WatcherSink(watcher);
		WatchStream stream = this.loop.open(sink, this.authorizer);
		sink.stream = stream;
		stream.request(WatchRequest.newBuilder().setCreateRequest(request).build());
		return sink;
	}

	/** An application's listener, which takes everything. */
	private record AlwaysReady(KvStore.WatchListener listener) implements CallerStore.Watcher {

		@Override
		public void onResponse(WatchResponse response) {
			this.listener.onResponse(response);
		}

		@Override
		public void onEnded() {
			// An application that stops the server knows.
		}

	}

	/** Hands responses to a watcher. */
	static final class WatcherSink implements WatchSink, KvStore.Watch, CallerStore.Watch {

		private final CallerStore.Watcher watcher;

		private volatile boolean closed;

		private volatile @Nullable WatchStream stream;

		WatcherSink(CallerStore.Watcher watcher) {
			this.watcher = watcher;
		}

		@Override
		public boolean isReady() {
			return this.watcher.isReady();
		}

		@Override
		public void ready() {
			WatchStream open = this.stream;
			if (open != null) {
				open.ready();
			}
		}

		@Override
		public void send(ResponseBatch batch) {
			for (int i = 0; i < batch.count() && !this.closed; i++) {
				tell(decode(batch, i));
			}
		}

		/** The batch is used again, so its bytes are copied. */
		private static WatchResponse decode(ResponseBatch batch, int index) {
			byte[] message = Arrays.copyOfRange(batch.array(), batch.start(index), batch.end(index));
			try {
				return WatchResponse.parseFrom(UnsafeByteOperations.unsafeWrap(message));
			}
			catch (InvalidProtocolBufferException ex) {
				throw new IllegalStateException("watch response: " + message.length + " bytes", ex);
			}
		}

		private void tell(WatchResponse response) {
			try {
				this.watcher.onResponse(response);
			}
			catch (RuntimeException ex) {
				logger.error("A watch listener has failed; its watch ends", ex);
				close();
				return;
			}
			if (response.getCanceled()) {
				close();
			}
		}

		@Override
		public void handled(int requests) {
			// There is one, and it needs no permission.
		}

		@Override
		public void ended() {
			if (!this.closed) {
				this.closed = true;
				this.watcher.onEnded();
			}
		}

		@Override
		public void close() {
			this.closed = true;
			WatchStream open = this.stream;
			if (open != null) {
				open.close();
			}
		}

	}

}
