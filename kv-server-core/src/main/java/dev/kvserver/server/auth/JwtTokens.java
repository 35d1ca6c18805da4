package dev.kvserver.server.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.function.LongSupplier;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.kvserver.server.error.EtcdError;
import org.jspecify.annotations.Nullable;

/**
 * JSON web tokens that name the user and the auth revision. Nothing is kept: whoever has
 * the key can check them, so they hold until they expire or until users and roles change.
 * Answers to etcd's {@code auth/jwt.go}.
 */
public final class JwtTokens implements TokenProvider {

	/** No token of ours is longer; whatever is costs no signature check. */
	private static final int LENGTH_MAX = 8 << 10;

	private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

	private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

	private final JwtOptions options;

	private final LongSupplier epochSeconds;

	private final String header;

	JwtTokens(JwtOptions options, LongSupplier epochSeconds) {
		this.options = options;
		this.epochSeconds = epochSeconds;
		this.header = encode("{\"alg\":\"" + options.algorithm().title() + "\",\"typ\":\"JWT\"}");
	}

	private static String encode(String json) {
		return ENCODER.encodeToString(json.getBytes(StandardCharsets.UTF_8));
	}

	@Override
	public @Nullable AuthInfo find(String token, long revision) {
		try {
			String[] parts = token.split("\\.", -1);
			if (parts.length != 3 || token.length() > LENGTH_MAX || !isSigned(token, parts)) {
				return null;
			}
			return caller(decode(parts[1]));
		}
		catch (GeneralSecurityException | IllegalArgumentException | IllegalStateException | JsonParseException
				| UnsupportedOperationException ex) {
			// Whatever the caller has made up; not worth a word in the log.
			return null;
		}
	}

	private boolean isSigned(String token, String[] parts) throws GeneralSecurityException {
		JsonElement algorithm = decode(parts[0]).get("alg");
		if (algorithm == null || !algorithm.getAsString().equals(this.options.algorithm().title())) {
			return false;
		}
		byte[] content = token.substring(0, token.lastIndexOf('.')).getBytes(StandardCharsets.US_ASCII);
		return this.options.algorithm().verify(this.options.keys(), content, DECODER.decode(parts[2]));
	}

	private static JsonObject decode(String part) {
		return JsonParser.parseString(new String(DECODER.decode(part), StandardCharsets.UTF_8)).getAsJsonObject();
	}

	private @Nullable AuthInfo caller(JsonObject claims) {
		JsonElement user = claims.get("username");
		JsonElement revision = claims.get("revision");
		if (user == null || revision == null || !isInTime(claims) || !isText(user) || !isNumber(revision)) {
			return null;
		}
		return new AuthInfo(user.getAsString(), (long) revision.getAsDouble());
	}

	private boolean isInTime(JsonObject claims) {
		long now = this.epochSeconds.getAsLong();
		JsonElement expires = claims.get("exp");
		JsonElement starts = claims.get("nbf");
		return (expires == null || now < expires.getAsDouble()) && (starts == null || now >= starts.getAsDouble());
	}

	private static boolean isText(JsonElement element) {
		return element.isJsonPrimitive() && element.getAsJsonPrimitive().isString();
	}

	private static boolean isNumber(JsonElement element) {
		return element.isJsonPrimitive() && element.getAsJsonPrimitive().isNumber();
	}

	@Override
	public String login(String user, String random, long index) {
		return "";
	}

	@Override
	public String issue(String user, long revision, String noted) {
		if (!this.options.keys().canSign()) {
			throw EtcdError.TOKEN_VERIFY_ONLY.exception();
		}
		JsonObject claims = new JsonObject();
		claims.addProperty("exp", this.epochSeconds.getAsLong() + this.options.ttl().toSeconds());
		claims.addProperty("revision", revision);
		claims.addProperty("username", user);
		String content = this.header + "." + encode(claims.toString());
		try {
			byte[] signature = this.options.algorithm()
				.sign(this.options.keys(), content.getBytes(StandardCharsets.US_ASCII));
			return content + "." + ENCODER.encodeToString(signature);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException("A token cannot be signed", ex);
		}
	}

	@Override
	public void invalidate(String user) {
		// The revision in the tokens is old from now on.
	}

	@Override
	public void invalidateAll() {
		// Nobody asks for tokens while auth is disabled.
	}

	@Override
	public void tick() {
		// Tokens say themselves when they end.
	}

}
