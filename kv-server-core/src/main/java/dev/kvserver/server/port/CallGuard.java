package dev.kvserver.server.port;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.metrics.CallMetrics;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands directly in front of the services and answers what must not reach them, and what
 * escapes from them:
 * <ul>
 * <li>a {@code client-api-version} that is not UTF-8 (etcd-contract section 2.1);</li>
 * <li>a message that cannot be read, as Internal;</li>
 * <li>an exception, as Unknown, with the exception in our log;</li>
 * <li>an answer after the end of the port, which is dropped.</li>
 * </ul>
 * It also counts the calls, see {@link CountedCall}: here because a call has objects of
 * ours here anyway. Interceptors stand behind it.
 * <p>
 * gRPC would answer the second and the third itself, as Unknown and by closing the call.
 * But a call may be closed by its owner only, and the owner of a Watch is another thread,
 * which may be writing to it right now. So the stream is ended below the call, by
 * {@link StreamGate}, and to its owner it looks cancelled.
 * <p>
 * gRPC reads a message before it asks any handler. Therefore the marshaller returns, in
 * place of a request it cannot read, an {@link Unreadable}.
 */
final class CallGuard {

	private static final Logger logger = LoggerFactory.getLogger(CallGuard.class);

	private static final Metadata.Key<byte[]> CLIENT_API_VERSION = ConnectionRouter.rawKey("client-api-version");

	/** What the client's own messages are compressed with. */
	private static final Metadata.Key<String> MESSAGE_ENCODING = Metadata.Key.of("grpc-encoding",
			Metadata.ASCII_STRING_MARSHALLER);

	private static final Status UNEXPECTED = Status.UNKNOWN
		.withDescription("unexpected error, see the log of the server");

	private CallGuard() {
	}

	/**
	 * Puts the guard before every method of a service.
	 * @param service the service
	 * @param calls where calls are counted
	 * @return the guarded service
	 */
	static ServerServiceDefinition guard(ServerServiceDefinition service, CallMetrics calls) {
		ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
			.setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
		List<ServerMethodDefinition<Object, ?>> methods = service.getMethods()
			.stream()
			.<ServerMethodDefinition<Object, ?>>map((method) -> guard(method, calls))
			.toList();
		methods.forEach((method) -> descriptor.addMethod(method.getMethodDescriptor()));
		ServerServiceDefinition.Builder guarded = ServerServiceDefinition.builder(descriptor.build());
		methods.forEach(guarded::addMethod);
		return guarded.build();
	}

	private static <Q, S> ServerMethodDefinition<Object, S> guard(ServerMethodDefinition<Q, S> method,
			CallMetrics calls) {
		MethodDescriptor<Q, S> plain = method.getMethodDescriptor();
		MethodDescriptor<Object, S> descriptor = plain
			.toBuilder(new RequestMarshaller<>(plain), plain.getResponseMarshaller())
			.build();
		return ServerMethodDefinition.create(descriptor,
				new GuardedHandler<>(method.getServerCallHandler(), CallCounters.of(calls, plain)));
	}

	/**
	 * Takes the place of a request that could not be read.
	 *
	 * @param status what the client is told
	 * @param bytes its size
	 */
	private record Unreadable(Status status, int bytes) {

	}

	/**
	 * Reads a request or says why it cannot be read.
	 *
	 * @param <Q> the request
	 */
	private static final class RequestMarshaller<Q> implements Marshaller<Object> {

		private final Marshaller<Q> plain;

		private final String failure;

		RequestMarshaller(MethodDescriptor<Q, ?> method) {
			this.plain = method.getRequestMarshaller();
			this.failure = method.getType().clientSendsOneMessage() ? "grpc: error unmarshalling request: "
					: "grpc: failed to unmarshal the received message: ";
		}

		@Override
		@SuppressWarnings("unchecked")
		public InputStream stream(Object value) {
			return this.plain.stream((Q) value);
		}

		@Override
		public Object parse(InputStream stream) {
			int bytes = available(stream);
			try {
				return this.plain.parse(stream);
			}
			catch (RuntimeException ex) {
				Status status = Status.fromThrowable(ex);
				if (status.getCode() == Status.Code.RESOURCE_EXHAUSTED) {
					return new Unreadable(status.withCause(null), 0);
				}
				return new Unreadable(
						Status.INTERNAL.withDescription(this.failure + "proto: cannot parse invalid wire-format data"),
						bytes);
			}
		}

		private static int available(InputStream stream) {
			try {
				return stream.available();
			}
			catch (IOException ex) {
				return 0;
			}
		}

	}

	/**
	 * Starts calls.
	 *
	 * @param <Q> the request
	 * @param <S> the response
	 */
	private static final class GuardedHandler<Q, S> implements ServerCallHandler<Object, S> {

		private final ServerCallHandler<Q, S> delegate;

		private final CallCounters counters;

		GuardedHandler(ServerCallHandler<Q, S> delegate, CallCounters counters) {
			this.delegate = delegate;
			this.counters = counters;
		}

		/**
		 * The service is given the call as one for its own requests: it only ever sees
		 * those that could be read.
		 */
		@Override
		@SuppressWarnings("unchecked")
		public ServerCall.Listener<Object> startCall(ServerCall<Object, S> call, Metadata headers) {
			ServerCall<?, S> untyped = call;
			ServerCall<Q, S> typed = (ServerCall<Q, S>) untyped;
			Iterable<byte[]> versions = headers.getAll(CLIENT_API_VERSION);
			byte[] version = (versions != null) ? versions.iterator().next() : null;
			StreamGate gate = Objects.requireNonNull(call.getAttributes().get(StreamGate.KEY));
			AnsweredCall<Q, S> answered = new AnsweredCall<>(typed, this.counters, versionOf(version), gate.unread());
			if (version != null && !isUtf8(version)) {
				answered.close(EtcdError.INVALID_CLIENT_API_VERSION.status(), new Metadata());
				return new ServerCall.Listener<>() {
				};
			}
			if (GzipMessages.NAME.equals(headers.get(MESSAGE_ENCODING))) {
				// As grpc-go does; gRPC checks that the client can read it, too.
				call.setCompression(GzipMessages.NAME);
			}
			int stream = gate.startingStream();
			if (!this.counters.isUnary()) {
				answered.begin();
			}
			return new GuardedListener<>(this.delegate.startCall(answered, headers), answered, gate, stream);
		}

		private CallMetrics.ClientVersion versionOf(byte @Nullable [] version) {
			CallMetrics calls = this.counters.calls();
			return (version != null) ? calls.version(version) : calls.unknownVersion();
		}

		private static boolean isUtf8(byte[] value) {
			try {
				StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value));
				return true;
			}
			catch (CharacterCodingException ex) {
				return false;
			}
		}

	}

	/**
	 * Passes one call's events on. Its connection's event loop only.
	 *
	 * @param <Q> the request
	 */
	private static final class GuardedListener<Q> extends ServerCall.Listener<Object> {

		private final ServerCall.Listener<Q> delegate;

		private final AnsweredCall<Q, ?> call;

		private final StreamGate gate;

		private final int stream;

		private boolean ended;

		GuardedListener(ServerCall.Listener<Q> delegate, AnsweredCall<Q, ?> call, StreamGate gate, int stream) {
			this.delegate = delegate;
			this.call = call;
			this.gate = gate;
			this.stream = stream;
		}

		@Override
		@SuppressWarnings("unchecked")
		public void onMessage(Object message) {
			if (this.ended) {
				return;
			}
			if (message instanceof Unreadable unreadable) {
				this.call.receivedUnreadable(unreadable.bytes());
				end(unreadable.status());
				return;
			}
			this.call.received(message);
			try {
				this.delegate.onMessage((Q) message);
			}
			catch (RuntimeException ex) {
				fail(ex);
			}
		}

		@Override
		public void onHalfClose() {
			if (this.ended) {
				return;
			}
			this.call.receivedAll();
			if (!this.call.isAdmitted()) {
				this.ended = true;
				this.call.close(EtcdError.TOO_MANY_REQUESTS.status(), new Metadata());
				return;
			}
			try {
				this.delegate.onHalfClose();
			}
			catch (RuntimeException ex) {
				fail(ex);
			}
		}

		@Override
		public void onReady() {
			if (this.ended) {
				return;
			}
			try {
				this.delegate.onReady();
			}
			catch (RuntimeException ex) {
				fail(ex);
			}
		}

		@Override
		public void onCancel() {
			this.call.cancelled(this.gate.endingStatus());
			this.call.answerIsSent();
			this.delegate.onCancel();
		}

		@Override
		public void onComplete() {
			this.call.answerIsSent();
			this.delegate.onComplete();
		}

		private void fail(RuntimeException failure) {
			logger.error("A call failed unexpectedly", failure);
			end(UNEXPECTED);
		}

		private void end(Status status) {
			this.ended = true;
			this.gate.endLater(this.stream, status);
		}

	}

}
