package dev.kvserver.server.rpc;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

import com.google.protobuf.Message;
import dev.kvserver.proto.authpb.User;
import dev.kvserver.proto.etcdserverpb.AuthenticateRequest;
import dev.kvserver.proto.etcdserverpb.AuthenticateResponse;
import dev.kvserver.proto.etcdserverpb.InternalAuthenticateRequest;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.auth.AuthState;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.auth.Passwords;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.log.ReadBarrier;

/**
 * Logs callers in. The password is checked here, before the log, which never holds one;
 * if users have changed when the login was logged, it is checked again.
 * <p>
 * Passwords are hashed by a small pool whose queue is bounded, so a storm of logins keeps
 * one thread busy and nobody else waiting; a password checked before does not even go
 * there.
 */
public final class Logins {

	private final AuthStore auth;

	private final Passwords passwords;

	private final Supplier<String> random;

	private final Proposer proposer;

	private final ReadBarrier barrier;

	private final Executor pool;

	/**
	 * Joins the parts.
	 * @param auth users and tokens
	 * @param passwords hashes and checks
	 * @param random makes the random part of a token
	 * @param proposer the way into the log
	 * @param barrier what a login waits for, so that it sees the newest users
	 * @param pool hashes and signs; may refuse by {@code RejectedExecutionException}
	 */
	public Logins(AuthStore auth, Passwords passwords, Supplier<String> random, Proposer proposer, ReadBarrier barrier,
			Executor pool) {
		this.auth = auth;
		this.passwords = passwords;
		this.random = random;
		this.proposer = proposer;
		this.barrier = barrier;
		this.pool = pool;
	}

	/** Logs a user in; the completion gets an {@code AuthenticateResponse}. */
	void authenticate(AuthenticateRequest request, Completion completion) {
		this.barrier.await(Attempt.behind(completion, () -> check(request, completion)));
	}

	/** Hashes a password and goes on with the hash, on the pool. */
	void hash(String password, Completion completion, Consumer<String> next) {
		Attempt.on(this.pool, completion, () -> next.accept(this.passwords.hash(password)));
	}

	private void check(AuthenticateRequest request, Completion completion) {
		AuthState state = this.auth.state();
		if (!state.enabled()) {
			throw EtcdError.AUTH_NOT_ENABLED.exception();
		}
		User user = state.user(request.getName());
		if (user == null) {
			throw EtcdError.AUTH_FAILED.exception();
		}
		if (user.getOptions().getNoPassword()) {
			throw EtcdError.NO_PASSWORD_USER.exception();
		}
		Boolean known = this.passwords.recall(user.getPassword(), request.getPassword());
		if (known != null) {
			proceed(known, state, request, completion);
		}
		else {
			Attempt.on(this.pool, completion,
					() -> proceed(this.passwords.check(user.getPassword(), request.getPassword()), state, request,
							completion));
		}
	}

	private void proceed(boolean right, AuthState state, AuthenticateRequest request, Completion completion) {
		if (!right) {
			throw EtcdError.AUTH_FAILED.exception();
		}
		InternalAuthenticateRequest login = InternalAuthenticateRequest.newBuilder()
			.setName(request.getName())
			.setSimpleToken(this.random.get())
			.build();
		this.proposer.propose(InternalRaftRequest.newBuilder().setAuthenticate(login).build(),
				new Logged(request, state.revision(), completion));
	}

	private void issue(AuthenticateRequest request, AuthenticateResponse logged, long revision, Completion completion) {
		String token = this.auth.tokens().issue(request.getName(), revision, logged.getToken());
		completion.done(logged.toBuilder().setToken(token).build());
	}

	/** A login that is on its way through the log. */
	private final class Logged implements Completion {

		private final AuthenticateRequest request;

		private final long revision;

		private final Completion completion;

		Logged(AuthenticateRequest request, long revision, Completion completion) {
			this.request = request;
			this.revision = revision;
			this.completion = completion;
		}

		@Override
		public void done(Message response) {
			AuthenticateResponse logged = (AuthenticateResponse) response;
			if (Logins.this.auth.state().revision() != this.revision) {
				Attempt.on(Logins.this.pool, this.completion, () -> check(this.request, this.completion));
			}
			else if (!logged.getToken().isEmpty()) {
				this.completion.done(logged);
			}
			else {
				Attempt.on(Logins.this.pool, this.completion,
						() -> issue(this.request, logged, this.revision, this.completion));
			}
		}

		@Override
		public void failed(Throwable failure) {
			this.completion.failed(failure);
		}

	}

}
