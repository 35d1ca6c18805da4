package dev.kvserver.server.gateway;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

import com.google.protobuf.ByteString;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpQuery;
import dev.kvserver.server.http.HttpSink;
import dev.kvserver.server.http.HttpStream;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call whose requests or responses are a stream. Each response is a line of the answer,
 * sent as it comes; the answer begins with the first of them, so that a call that fails
 * before gets a status of its own. Requests, JSON and the listener are dealt with one
 * after the other, away from the event loop and from the service's threads.
 *
 * @param <Q> the request
 * @param <S> the response
 */
final class GatewayStream<Q, S> extends GatewayCall<Q, S> implements HttpStream {

	/** More lines than this that wait to be made keep the call from being ready. */
	private static final int LINES_WAITING_MAX = 16;

	private final AtomicInteger waiting = new AtomicInteger();

	private volatile @Nullable HttpSink sink;

	/* From here on within turns. */

	/** What was sent before the connection took over. */
	private ByteString first = ByteString.EMPTY;

	private boolean begun;

	private boolean ended;

	GatewayStream(GatewayMethod<Q, S> method, HttpQuery query) {
		super(method, query);
	}

	@Override
	@Nullable Executor turns() {
		return jobs().tryStream(over());
	}

	@Override
	void onStarted(ServerCall.Listener<Q> started) {
		started.onReady();
	}

	@Override
	public boolean isReady() {
		HttpSink current = this.sink;
		return this.waiting.get() < LINES_WAITING_MAX && (current == null || current.isWritable());
	}

	@Override
	public void sendMessage(S message) {
		if (isCancelled()) {
			return;
		}
		this.waiting.incrementAndGet();
		inTurn(() -> {
			if (!this.ended) {
				line("{\"result\":" + json(message(message)) + "}\n");
			}
			if (this.waiting.decrementAndGet() == LINES_WAITING_MAX - 1) {
				ready();
			}
		});
	}

	private void line(String text) {
		ByteString bytes = ByteString.copyFromUtf8(text);
		HttpSink current = this.sink;
		if (current != null) {
			current.write(bytes);
		}
		else if (this.begun) {
			this.first = this.first.concat(bytes);
		}
		else {
			this.begun = true;
			this.first = bytes;
			complete(GatewayAnswers.stream(this));
		}
	}

	@Override
	void end(Status status) {
		inTurn(() -> {
			if (this.ended) {
				return;
			}
			this.ended = true;
			if (!this.begun) {
				complete(notBegun(status));
				return;
			}
			if (!status.isOk()) {
				line(error(status));
			}
			HttpSink current = this.sink;
			if (current != null) {
				current.end();
			}
		});
	}

	private static HttpAnswer notBegun(Status status) {
		if (status.isOk()) {
			return GatewayAnswers.empty();
		}
		HttpAnswer plain = GatewayErrors.answer(status);
		return new HttpAnswer(plain.status(), plain.headers(), ByteString.copyFromUtf8(error(status)));
	}

	private static String error(Status status) {
		return "{\"error\":" + GatewayErrors.json(status) + "}\n";
	}

	@Override
	public void start(HttpSink target) {
		inTurn(() -> {
			this.sink = target;
			target.write(this.first);
			this.first = ByteString.EMPTY;
			if (this.ended) {
				target.end();
			}
		});
	}

	@Override
	public void ready() {
		if (isReady()) {
			tell(ServerCall.Listener::onReady);
		}
	}

	@Override
	public void abandon() {
		leave();
	}

}
