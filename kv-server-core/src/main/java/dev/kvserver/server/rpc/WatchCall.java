package dev.kvserver.server.rpc;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Arrays;

import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.watch.ResponseBatch;
import dev.kvserver.server.watch.WatchAuthorizer;
import dev.kvserver.server.watch.WatchLoop;
import dev.kvserver.server.watch.WatchSink;
import dev.kvserver.server.watch.WatchStream;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * One call of Watch. gRPC's callbacks leave notes for the loop; everything that is sent,
 * headers and the final status included, is sent by the loop's thread, so that the call
 * needs no lock.
 * <p>
 * A client that half-closes keeps getting events: the JSON gateway lives on that. Only a
 * cancelled call ends the stream.
 */
final class WatchCall extends ServerCall.Listener<WatchRequest> implements WatchSink {

	/** How many requests may wait to be handled. */
	private static final int REQUESTS_WAITING_MAX = 64;

	/** How many bytes may be on their way before the call is not ready. */
	private static final int READY_BYTES = 64 << 10;

	/** The pooled allocator's chunks are a multiple of this. */
	private static final int BATCH_BYTES_MAX = 256 << 10;

	private final ServerCall<WatchRequest, InputStream> call;

	private final WatchService service;

	private final WatchStream stream;

	private volatile @Nullable Status endStatus;

	/* From here on the loop's. */

	private boolean headersSent;

	/** Whether this call's transport was seen to take batches. */
	private boolean batching;

	WatchCall(ServerCall<WatchRequest, InputStream> call, WatchService service, WatchLoop loop,
			WatchAuthorizer authorizer) {
		this.call = call;
		this.service = service;
		call.setOnReadyThreshold(READY_BYTES);
		this.stream = loop.open(this, authorizer);
		call.request(REQUESTS_WAITING_MAX);
	}

	/** Ends the call from our side. Any thread. */
	void end(Status status) {
		this.endStatus = status;
		this.stream.close();
	}

	@Override
	public void onMessage(WatchRequest request) {
		this.stream.request(request);
	}

	@Override
	public void onReady() {
		this.stream.ready();
	}

	@Override
	public void onCancel() {
		this.stream.close();
	}

	@Override
	public boolean isReady() {
		return this.call.isReady();
	}

	@Override
	public void handled(int requests) {
		this.call.request(requests);
	}

	@Override
	public void send(ResponseBatch batch) {
		if (!this.headersSent) {
			this.headersSent = true;
			this.call.sendHeaders(new Metadata());
		}
		int next = 0;
		while (next < batch.count()) {
			next = this.batching ? sendMany(batch, next) : sendOne(batch, next);
		}
	}

	/** Sends messages from an index on; returns the index of the first not sent. */
	private int sendMany(ResponseBatch batch, int from) {
		int next = from + 1;
		int start = batch.start(from);
		while (next < batch.count() && batch.end(next) - start <= BATCH_BYTES_MAX) {
			next++;
		}
		int firstEnd = batch.end(from);
		int end = batch.end(next - 1);
		MessageBatch many = new MessageBatch(batch.array(), start, firstEnd, end);
		if (!send(many)) {
			return from + 1;
		}
		int behind = next - from - 1;
		this.service.sentBehind().add(behind, end - firstEnd - (long) behind * MessageBatch.PREFIX_BYTES);
		return next;
	}

	/**
	 * Sends one message as a copy, which the transport may keep. The first one of a call
	 * also shows whether it could have been more.
	 */
	private int sendOne(ResponseBatch batch, int index) {
		byte[] message = Arrays.copyOfRange(batch.array(), batch.start(index), batch.end(index));
		if (index == 0) {
			this.batching = send(new MessageBatch(message, 0, message.length, message.length));
		}
		else {
			this.call.sendMessage(new ByteArrayInputStream(message));
		}
		return index + 1;
	}

	private boolean send(MessageBatch messages) {
		BatchAllocator.announce(messages);
		try {
			this.call.sendMessage(messages);
		}
		finally {
			BatchAllocator.withdraw();
		}
		return messages.isComplete();
	}

	@Override
	public void ended() {
		this.service.ended(this);
		Status status = this.endStatus;
		if (status == null) {
			status = (this.call.isCancelled() ? EtcdError.WATCH_CANCELED : EtcdError.STOPPED).status();
		}
		this.call.close(status, new Metadata());
	}

}
