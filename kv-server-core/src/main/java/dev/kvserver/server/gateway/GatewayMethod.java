package dev.kvserver.server.gateway;

import java.io.IOException;
import java.util.concurrent.CompletionStage;

import com.google.protobuf.Descriptors;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.kvserver.server.http.HttpAnswer;
import dev.kvserver.server.http.HttpHandler;
import dev.kvserver.server.http.HttpQuery;
import dev.kvserver.server.http.HttpRoute;
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

	private final int maxBodyBytes;

	private final GatewayJobs jobs;

	GatewayMethod(ServerMethodDefinition<Q, S> method, Descriptors.MethodDescriptor descriptor, int maxBodyBytes,
			GatewayJobs jobs) {
		this.method = method;
		this.descriptor = descriptor;
		this.maxBodyBytes = maxBodyBytes;
		this.jobs = jobs;
		MethodDescriptor.PrototypeMarshaller<Q> marshaller = (MethodDescriptor.PrototypeMarshaller<Q>) method
			.getMethodDescriptor()
			.getRequestMarshaller();
		this.requestPrototype = (Message) requireNonNull(marshaller.getMessagePrototype());
	}

	@Override
	public CompletionStage<HttpAnswer> answer(HttpQuery query) {
		GatewayCall<Q, S> call = isStreaming() ? new GatewayStream<>(this, query) : new GatewayUnary<>(this, query);
		call.start();
		return call.answer();
	}

	HttpRoute route(String path) {
		return new HttpRoute("POST", path, this.maxBodyBytes, this.descriptor.isClientStreaming(), this);
	}

	boolean isStreaming() {
		return this.descriptor.isClientStreaming() || this.descriptor.isServerStreaming();
	}

	ServerMethodDefinition<Q, S> definition() {
		return this.method;
	}

	GatewayJobs jobs() {
		return this.jobs;
	}

	/** The requests of a call, none of them read. */
	GatewayRequests requests(HttpQuery query) {
		return new GatewayRequests(query.content(), this.requestPrototype, this.maxBodyBytes,
				this.descriptor.isClientStreaming());
	}

	@SuppressWarnings("unchecked") // it was made by the request's prototype
	Q request(Message message) {
		return (Q) message;
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
