package dev.kvserver.server;

import java.util.Arrays;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
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

	EmbeddedWatches(WatchLoop loop) {
		this.loop = loop;
	}

	KvStore.Watch open(WatchCreateRequest request, KvStore.WatchListener listener) {
		ListenerSink sink = new ListenerSink(listener);
		WatchStream stream = this.loop.open(sink, WatchAuthorizer.ALLOW_ALL);
		sink.stream = stream;
		stream.request(WatchRequest.newBuilder().setCreateRequest(request).build());
		return sink;
	}

	/** Hands responses to a listener, which is always ready. */
	private static final class ListenerSink implements WatchSink, KvStore.Watch {

		private final KvStore.WatchListener listener;

		private volatile boolean closed;

		private volatile @Nullable WatchStream stream;

		ListenerSink(KvStore.WatchListener listener) {
			this.listener = listener;
		}

		@Override
		public boolean isReady() {
			return true;
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
				this.listener.onResponse(response);
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
			this.closed = true;
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
