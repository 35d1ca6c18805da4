package dev.kvserver.conformance.grpc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;

/**
 * A plaintext connection to a server on this machine. Any thread may use it.
 */
public final class Connection implements AutoCloseable {

	private static final int MESSAGE_BYTES_MAX = 512 << 20;

	private static final long DEADLINE_SECONDS = 30;

	private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

	private final ManagedChannel channel;

	private final String token;

	/**
	 * Connects lazily.
	 * @param port the server's port on 127.0.0.1
	 */
	public Connection(int port) {
		this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
			.usePlaintext()
			.maxInboundMessageSize(MESSAGE_BYTES_MAX)
			.build();
		this.token = "";
	}

	private Connection(ManagedChannel channel, String token) {
		this.channel = channel;
		this.token = token;
	}

	/**
	 * The same connection for somebody who has logged in. It ends with this one.
	 * @param otherToken what the login gave
	 * @return the connection
	 */
	public Connection with(String otherToken) {
		return new Connection(this.channel, otherToken);
	}

	/**
	 * The channel, for generated stubs.
	 * @return the channel
	 */
	public ManagedChannel channel() {
		return this.channel;
	}

	/**
	 * Makes a call.
	 * @param call what to ask
	 * @return what it comes to; the future never fails
	 */
	public CompletableFuture<Outcome> start(Call call) {
		MethodDescriptor<Message, Message> method = untyped(call.method());
		ClientCall<Message, Message> clientCall = this.channel.newCall(method,
				CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
		Answers answers = new Answers();
		clientCall.start(answers, headers());
		clientCall.request(Integer.MAX_VALUE);
		for (Message request : call.requests()) {
			clientCall.sendMessage(request);
		}
		clientCall.halfClose();
		return answers.outcome;
	}

	private Metadata headers() {
		Metadata headers = new Metadata();
		if (!this.token.isEmpty()) {
			headers.put(TOKEN, this.token);
		}
		return headers;
	}

	/**
	 * Makes a call that does not end by itself, and ends it after the first answer.
	 * @param call what to ask
	 * @return the first answer, or how the call ended before; blocks until then
	 */
	public Outcome first(Call call) {
		ClientCall<Message, Message> clientCall = this.channel.newCall(untyped(call.method()),
				CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
		CompletableFuture<Outcome> first = new CompletableFuture<>();
		clientCall.start(new ClientCall.Listener<>() {

			@Override
			public void onMessage(Message message) {
				first.complete(Outcome.ok(List.of(message)));
			}

			@Override
			public void onClose(Status status, Metadata trailers) {
				first.complete(Outcome.of(List.of(), status));
			}

		}, headers());
		clientCall.request(1);
		clientCall.sendMessage(call.request());
		Outcome outcome = join(first);
		clientCall.cancel("The first answer is there", null);
		return outcome;
	}

	/**
	 * Makes a call and blocks until it is over.
	 * @param call what to ask
	 * @return what it came to
	 */
	public Outcome run(Call call) {
		return join(start(call));
	}

	/**
	 * Blocks until a started call is over.
	 * @param outcome a started call
	 * @return what it came to
	 */
	public static Outcome join(CompletableFuture<Outcome> outcome) {
		try {
			return outcome.get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.channel.shutdownNow();
	}

	@SuppressWarnings("unchecked")
	static MethodDescriptor<Message, Message> untyped(MethodDescriptor<?, ?> method) {
		return (MethodDescriptor<Message, Message>) method;
	}

	/** Collects what arrives on one call. */
	private static final class Answers extends ClientCall.Listener<Message> {

		private final List<Message> messages = new ArrayList<>();

		private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

		@Override
		public void onMessage(Message message) {
			this.messages.add(message);
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			this.outcome.complete(Outcome.of(this.messages, status));
		}

	}

}
