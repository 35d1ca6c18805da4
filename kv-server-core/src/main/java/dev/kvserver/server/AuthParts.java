package dev.kvserver.server;

import java.security.SecureRandom;
import java.time.Clock;

import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.auth.Passwords;
import dev.kvserver.server.port.KvPort;
import dev.kvserver.server.rpc.Access;
import dev.kvserver.server.rpc.AuthInterceptor;
import dev.kvserver.server.rpc.AuthService;
import dev.kvserver.server.rpc.Logins;
import dev.kvserver.server.storage.Storage;

/** Everything about users: the store, what asks it, and what hashes passwords. */
final class AuthParts {

	private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	private static final int TOKEN_LETTERS = 16;

	private static final int SECRET_BYTES = 32;

	private static final int LOGINS_WAITING_MAX = 1_000;

	private final AuthStore store;

	private final Access access;

	private final AuthInterceptor interceptor;

	private final Passwords passwords;

	private final WorkerPool pool;

	private final SecureRandom random = new SecureRandom();

	private AuthParts(AuthOptions options, Storage storage, Closer closer) {
		Clock clock = Clock.systemUTC();
		this.store = new AuthStore(options.tokenProvider(() -> clock.instant().getEpochSecond()));
		this.store.load(storage);
		this.access = new Access(this.store);
		this.interceptor = new AuthInterceptor(this.store, (call) -> call.getAttributes().get(KvPort.COMMON_NAME));
		byte[] secret = new byte[SECRET_BYTES];
		this.random.nextBytes(secret);
		this.passwords = new Passwords(options.bcryptCost(), secret);
		this.pool = closer.add(new WorkerPool("kv-login", 1, LOGINS_WAITING_MAX));
	}

	static AuthParts open(AuthOptions options, Storage storage, Closer closer) {
		return new AuthParts(options, storage, closer);
	}

	AuthStore store() {
		return this.store;
	}

	Access access() {
		return this.access;
	}

	AuthInterceptor interceptor() {
		return this.interceptor;
	}

	AuthService service(Engine engine) {
		Logins logins = new Logins(this.store, this.passwords, this::randomLetters, engine.log(), engine.barrier(),
				this.pool.executor());
		return new AuthService(this.access, logins, engine.log(), engine.barrier(), engine.headers());
	}

	private String randomLetters() {
		StringBuilder letters = new StringBuilder(TOKEN_LETTERS);
		for (int i = 0; i < TOKEN_LETTERS; i++) {
			letters.append(LETTERS.charAt(this.random.nextInt(LETTERS.length())));
		}
		return letters.toString();
	}

}
