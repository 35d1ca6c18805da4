package dev.kvserver.server.port;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/**
 * A service that does what a test needs a service to do, on plain bytes.
 */
final class TestServices {

	static final String NAME = "test.Service";

	/** Answers with the request. */
	static final MethodDescriptor<byte[], byte[]> ECHO = method("Echo", MethodDescriptor.MethodType.UNARY);

	/** Throws. */
	static final MethodDescriptor<byte[], byte[]> THROW = method("Throw", MethodDescriptor.MethodType.UNARY);

	/** Throws before it has seen a message. */
	static final MethodDescriptor<byte[], byte[]> THROW_AT_START = method("ThrowAtStart",
			MethodDescriptor.MethodType.UNARY);

	/** Takes messages and never ends by itself. */
	static final MethodDescriptor<byte[], byte[]> WATCH = method("Watch", MethodDescriptor.MethodType.BIDI_STREAMING);

	/** Where calls came from. */
	final BlockingQueue<SocketAddress> remotes = new LinkedBlockingQueue<>();

	/** What connections of calls are known by. */
	final BlockingQueue<Attributes> attributes = new LinkedBlockingQueue<>();

	/** Watches that are open, to be ended by the test. */
	final BlockingQueue<StreamObserver<byte[]>> watches = new LinkedBlockingQueue<>();

	final AtomicInteger openWatches = new AtomicInteger();

	ServerServiceDefinition definition() {
		return ServerServiceDefinition.builder(NAME)
			.addMethod(ECHO, ServerCalls.asyncUnaryCall(this::echo))
			.addMethod(THROW, ServerCalls.asyncUnaryCall((request, responses) -> {
				throw new IllegalStateException("thrown by the test");
			}))
			.addMethod(THROW_AT_START, throwing())
			.addMethod(WATCH, remembering(ServerCalls.asyncBidiStreamingCall(this::watch)))
			.build();
	}

	/**
	 * An observer that nobody needs.
	 */
	static <T> StreamObserver<T> ignoring() {
		return new StreamObserver<>() {

			@Override
			public void onNext(T message) {
				// Nobody looks.
			}

			@Override
			public void onError(Throwable failure) {
				// Nobody looks.
			}

			@Override
			public void onCompleted() {
				// Nobody looks.
			}

		};
	}

	private void echo(byte[] request, StreamObserver<byte[]> responses) {
		responses.onNext(request);
		responses.onCompleted();
	}

	private StreamObserver<byte[]> watch(StreamObserver<byte[]> responses) {
		this.openWatches.incrementAndGet();
		Context.current().addListener((context) -> this.openWatches.decrementAndGet(), Runnable::run);
		this.watches.add(responses);
		return new StreamObserver<>() {

			@Override
			public void onNext(byte[] request) {
				responses.onNext(request);
			}

			@Override
			public void onError(Throwable failure) {
				// The client is gone.
			}

			@Override
			public void onCompleted() {
				// As in etcd, the answers go on.
			}

		};
	}

	private ServerCallHandler<byte[], byte[]> remembering(ServerCallHandler<byte[], byte[]> handler) {
		return (call, headers) -> {
			this.attributes.add(call.getAttributes());
			SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
			if (remote != null) {
				this.remotes.add(remote);
			}
			return handler.startCall(call, headers);
		};
	}

	private static ServerCallHandler<byte[], byte[]> throwing() {
		return new ServerCallHandler<>() {

			@Override
			public ServerCall.Listener<byte[]> startCall(ServerCall<byte[], byte[]> call, Metadata headers) {
				throw new IllegalStateException("thrown by the test");
			}

		};
	}

	private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
		return MethodDescriptor.<byte[], byte[]>newBuilder()
			.setType(type)
			.setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
			.setRequestMarshaller(new Bytes())
			.setResponseMarshaller(new Bytes())
			.build();
	}

	private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {

		@Override
		public InputStream stream(byte[] value) {
			return new ByteArrayInputStream(value);
		}

		@Override
		public byte[] parse(InputStream stream) {
			try {
				return stream.readAllBytes();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
