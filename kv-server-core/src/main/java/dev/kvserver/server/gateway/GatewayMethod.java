package dev.kvserver.server.gateway;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpHandler;
import dev.kvserver.server.http.HttpQuery;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;

import static java.util.Objects.requireNonNull;

/**
 * One method, as HTTP asks for it.
 *
 * @param <Q> its request
 * @param <S> its response
 */
final class GatewayMethod<Q, S> implements HttpHandler {

	private final ServerMethodDefinition<Q, S> method;

	private final Descriptors.MethodDescriptor descriptor;

	private final Message requestPrototype;

	private final Executor jobs;

	GatewayMethod(ServerMethodDefinition<Q, S> method, Descriptors.MethodDescriptor descriptor, Executor jobs) {
		this.method = method;
		this.descriptor = descriptor;
		this.jobs = jobs;
		MethodDescriptor.PrototypeMarshaller<Q> marshaller = (MethodDescriptor.PrototypeMarshaller<Q>) method
			.getMethodDescriptor()
			.getRequestMarshaller();
		this.requestPrototype = (Message) requireNonNull(marshaller.getMessagePrototype());
	}

	@Override
	public CompletionStage<HttpAnswer> answer(HttpQuery query) {
		GatewayCall<Q, S> call = isStreaming() ? GatewayStream.of(this, this.jobs)
				: new GatewayUnary<>(this, this.jobs);
		if (query.body().size() < GatewayCall.LARGE_BYTES) {
			call.start(query);
			return call.answer();
		}
		try {
			this.jobs.execute(() -> call.start(query));
		}
		catch (RejectedExecutionException ex) {
			call.complete(GatewayErrors.answer(GatewayCall.overloaded()));
		}
		return call.answer();
	}

	boolean isStreaming() {
		return this.descriptor.isClientStreaming() || this.descriptor.isServerStreaming();
	}

	ServerMethodDefinition<Q, S> definition() {
		return this.method;
	}

	/**
	 * The requests in a body: one, whatever follows it, or as many as there are if the
	 * method takes a stream.
	 */
	List<Q> requests(GatewayBody body) {
		return this.descriptor.isClientStreaming() ? body.all(this::request) : List.of(body.first(this::request));
	}

	@SuppressWarnings("unchecked") // the prototype is the request's
	private Q request(GatewayBody.Merge merge) throws IOException {
		Message.Builder builder = this.requestPrototype.newBuilderForType();
		merge.into(builder);
		return (Q) builder.build();
	}

	/** The response as a message; some methods write theirs as bytes. */
	Message message(S response) {
		if (response instanceof Message message) {
			return message;
		}
		try {
			return DynamicMessage.parseFrom(this.descriptor.getOutputType(),
					this.method.getMethodDescriptor().streamResponse(response));
		}
		catch (IOException ex) {
			throw new IllegalStateException("a response of " + this.descriptor.getFullName(), ex);
		}
	}

}
