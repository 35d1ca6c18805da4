package dev.kvserver.server.rpc;

import java.util.Iterator;
import java.util.function.Function;

import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a call came with, hands it to the service, and refuses whom the method's
 * rule does not let in. While auth is disabled a unary call costs one volatile read.
 */
public final class AuthInterceptor implements ServerInterceptor {

	private static final Metadata.Key<String> TOKEN = key("token");

	private static final Metadata.Key<String> AUTHORIZATION = key("authorization");

	/** Set by the JSON gateway, whose certificate is not the caller's. */
	private static final Metadata.Key<String> GATEWAY = key("grpcgateway-accept");

	private static final String BEARER = "Bearer ";

	private static final Context.Key<Credentials> CREDENTIALS = Context.keyWithDefault("kv-credentials",
			Credentials.NONE);

	private final AuthStore auth;

	private final Access access;

	private final Function<ServerCall<?, ?>, @Nullable String> commonName;

	/**
	 * Makes the interceptor.
	 * @param auth users, roles and tokens
	 * @param commonName the common name of the certificate that a call's client was
	 * verified by, or {@code null}; called on the network thread, must not block
	 */
	public AuthInterceptor(AuthStore auth, Function<ServerCall<?, ?>, @Nullable String> commonName) {
		this.auth = auth;
		this.access = new Access(auth);
		this.commonName = commonName;
	}

	private static Metadata.Key<String> key(String name) {
		return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
	}

	/** What the call of the current gRPC context came with. */
	static Credentials credentials() {
		return CREDENTIALS.get();
	}

	@Override
	public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
			ServerCallHandler<Q, A> next) {
		boolean enabled = this.auth.state().enabled();
		if (!enabled && call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY) {
			return next.startCall(call, headers);
		}
		// A stream may still be open when auth becomes enabled.
		Credentials credentials = read(call, headers);
		Context context = Context.current().withValue(CREDENTIALS, credentials);
		ServerCall.Listener<Q> listener = Contexts.interceptCall(context, call, headers, next);
		return enabled ? new Guard<>(call, listener, credentials) : listener;
	}

	private Credentials read(ServerCall<?, ?> call, Metadata headers) {
		String token = first(headers, TOKEN);
		if (token == null) {
			token = first(headers, AUTHORIZATION);
		}
		if (token != null && token.startsWith(BEARER)) {
			token = token.substring(BEARER.length());
		}
		return Credentials.of(token, headers.containsKey(GATEWAY) ? null : this.commonName.apply(call));
	}

	private static @Nullable String first(Metadata headers, Metadata.Key<String> key) {
		Iterable<String> values = headers.getAll(key);
		Iterator<String> iterator = (values != null) ? values.iterator() : null;
		return (iterator != null && iterator.hasNext()) ? iterator.next() : null;
	}

	private void check(MethodRule rule, Credentials credentials, boolean get) {
		switch (rule) {
			case ANYONE, PER_REQUEST -> {
			}
			case USER -> this.access.checkUser(credentials);
			case ADMIN -> this.access.checkAdmin(credentials);
			case USER_TO_GET -> {
				if (get) {
					this.access.checkUser(credentials);
				}
				else {
					this.access.checkAdmin(credentials);
				}
			}
			case NONE -> throw EtcdError.PERMISSION_DENIED.exception();
		}
	}

	/**
	 * Asks when the request is complete, as the services do. Refusing earlier would have
	 * gRPC reset the stream, and a few refusals would look like an attack.
	 */
	private final class Guard<Q> extends SimpleForwardingServerCallListener<Q> {

		private final ServerCall<Q, ?> call;

		private final Credentials credentials;

		private final MethodRule rule;

		private boolean get;

		private boolean refused;

		Guard(ServerCall<Q, ?> call, ServerCall.Listener<Q> delegate, Credentials credentials) {
			super(delegate);
			this.call = call;
			this.credentials = credentials;
			this.rule = MethodRule.of(call.getMethodDescriptor().getFullMethodName());
		}

		@Override
		public void onMessage(Q message) {
			this.get = message instanceof AlarmRequest alarm && alarm.getAction() == AlarmRequest.AlarmAction.GET;
			boolean streaming = !this.call.getMethodDescriptor().getType().clientSendsOneMessage();
			if (!streaming || isAllowed()) {
				super.onMessage(message);
			}
		}

		@Override
		public void onHalfClose() {
			if (isAllowed()) {
				super.onHalfClose();
			}
		}

		private boolean isAllowed() {
			if (this.refused) {
				return false;
			}
			try {
				check(this.rule, this.credentials, this.get);
				return true;
			}
			catch (EtcdException ex) {
				this.refused = true;
				this.call.close(ex.error().status(), new Metadata());
				return false;
			}
		}

	}

}
