package dev.kvserver.server.port;

import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

import com.google.protobuf.MessageLite;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.metrics.CallMetrics;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A call whose answer may not get through. Its owner may be another thread, which may
 * answer when the port has been closed and its event loops are gone; then nobody hears
 * the answer, and that must not be the owner's end. And the client may not read what it
 * has asked for; then there is no room for the answer, and it is dropped.
 *
 * @param <Q> the request
 * @param <S> the response
 */
final class AnsweredCall<Q, S> extends CountedCall<Q, S> {

	private static final String RANGE = KVGrpc.getRangeMethod().getFullMethodName();

	/** Methods whose answers may be large; others are carried out in any case. */
	private static final Set<String> LARGE = Set.of(RANGE, KVGrpc.getTxnMethod().getFullMethodName(),
			KVGrpc.getDeleteRangeMethod().getFullMethodName());

	private static final Status UNREAD_ANSWER = Status.UNAVAILABLE
		.withDescription("the answer was dropped, since the client does not read its answers");

	private static final Logger logger = LoggerFactory.getLogger(AnsweredCall.class);

	@SuppressWarnings("rawtypes")
	private static final AtomicIntegerFieldUpdater<AnsweredCall> UNREAD = AtomicIntegerFieldUpdater
		.newUpdater(AnsweredCall.class, "unreadBytes");

	private static final int OVER = -1;

	private final UnreadAnswers.Share unread;

	/** The owner's thread only. */
	private boolean dropped;

	/** Of an answer that was given, as long as it is not sent; then {@link #OVER}. */
	@SuppressWarnings("unused") // by its updater it is
	private volatile int unreadBytes;

	AnsweredCall(ServerCall<Q, S> call, CallCounters counters, CallMetrics.ClientVersion version,
			UnreadAnswers.Share unread) {
		super(call, counters, version);
		this.unread = unread;
	}

	boolean isAdmitted() {
		return !LARGE.contains(getMethodDescriptor().getFullMethodName()) || this.unread.admits();
	}

	/**
	 * Counts an answer. There may have been room when it was asked for and none now.
	 * Streams mind by themselves whether they are read.
	 * @return {@code false} if there is no room for it
	 */
	private boolean count(S message) {
		if (!getMethodDescriptor().getType().serverSendsOneMessage() || !(message instanceof MessageLite answer)) {
			return true;
		}
		int bytes = answer.getSerializedSize();
		if (bytes < UnreadAnswers.COUNTED_BYTES_MIN) {
			return true;
		}
		if (!this.unread.admits()) {
			return false;
		}
		if (UNREAD.compareAndSet(this, 0, bytes)) {
			this.unread.add(bytes);
		}
		return true;
	}

	/** What may have changed something is not said to have done nothing. */
	private void drop() {
		this.dropped = true;
		boolean read = getMethodDescriptor().getFullMethodName().equals(RANGE);
		super.close(read ? EtcdError.TOO_MANY_REQUESTS.status() : UNREAD_ANSWER, new Metadata());
	}

	/** Forgets the answer: it was sent, or nobody wants it. */
	void answerIsSent() {
		int bytes = UNREAD.getAndSet(this, OVER);
		if (bytes > 0) {
			this.unread.remove(bytes);
		}
	}

	@Override
	public void request(int count) {
		try {
			delegate().request(count);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("A request for messages came after the end of the port", ex);
		}
	}

	@Override
	public void sendHeaders(Metadata headers) {
		try {
			delegate().sendHeaders(headers);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("An answer came after the end of the port", ex);
		}
	}

	@Override
	public void sendMessage(S message) {
		if (isCancelled()) {
			return;
		}
		try {
			if (count(message)) {
				super.sendMessage(message);
			}
			else {
				drop();
			}
		}
		catch (RejectedExecutionException ex) {
			logger.debug("An answer came after the end of the port", ex);
		}
	}

	@Override
	public void close(Status status, Metadata trailers) {
		if (isCancelled() || this.dropped) {
			return;
		}
		try {
			super.close(status, trailers);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The end of a call came after the end of the port", ex);
		}
	}

}
