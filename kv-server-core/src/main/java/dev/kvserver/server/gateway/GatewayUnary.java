package dev.kvserver.server.gateway;

import java.util.concurrent.Executor;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpQuery;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * A call with one request and one response. It stays on the threads of the connection and
 * of the service; only the JSON of a large response is made elsewhere.
 *
 * @param <Q> the request
 * @param <S> the response
 */
final class GatewayUnary<Q, S> extends GatewayCall<Q, S> {

	private volatile @Nullable Message response;

	GatewayUnary(GatewayMethod<Q, S> method, HttpQuery query) {
		super(method, query);
	}

	@Override
	Executor turns() {
		return MoreExecutors.newSequentialExecutor(Runnable::run);
	}

	@Override
	public void sendMessage(S message) {
		this.response = message(message);
	}

	@Override
	void end(Status status) {
		Message answered = this.response;
		if (!status.isOk() || answered == null) {
			complete(GatewayErrors.answer(status.isOk() ? Status.INTERNAL : status));
		}
		else if (answered.getSerializedSize() < LARGE_BYTES) {
			complete(answer(answered));
		}
		else if (!jobs().tryLarge(() -> complete(answer(answered)))) {
			complete(GatewayErrors.answer(overloaded()));
		}
	}

	private static HttpAnswer answer(Message message) {
		return GatewayAnswers.ok(ByteString.copyFromUtf8(json(message)));
	}

}
