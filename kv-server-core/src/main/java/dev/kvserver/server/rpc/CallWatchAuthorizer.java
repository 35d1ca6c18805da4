package dev.kvserver.server.rpc;

import java.util.function.Supplier;

import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.key.KeyRange;
import dev.kvserver.server.watch.WatchAuthorizer;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Decides for the watchers of one call by what the call came with.
 */
public final class CallWatchAuthorizer implements WatchAuthorizer {

	private final Access access;

	private final Credentials credentials;

	private CallWatchAuthorizer(Access access, Credentials credentials) {
		this.access = access;
		this.credentials = credentials;
	}

	/**
	 * Makes authorizers for the calls that are being begun on the calling threads.
	 * @param access asks about callers
	 * @return makes one for each call
	 */
	public static Supplier<WatchAuthorizer> of(Access access) {
		return () -> new CallWatchAuthorizer(access, AuthInterceptor.credentials());
	}

	@Override
	public @Nullable String refusal(KeyRange range) {
		try {
			this.access.checkWatch(this.credentials, range);
			return null;
		}
		catch (EtcdException ex) {
			return text(ex.error());
		}
	}

	/** The text of the error as a Go client prints it. */
	private static String text(EtcdError error) {
		return "rpc error: code = " + goName(error.status().getCode()) + " desc = " + error.text();
	}

	private static String goName(Status.Code code) {
		return switch (code) {
			case INVALID_ARGUMENT -> "InvalidArgument";
			case UNAUTHENTICATED -> "Unauthenticated";
			default -> "PermissionDenied";
		};
	}

}
