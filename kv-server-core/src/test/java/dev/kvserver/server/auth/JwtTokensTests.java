package dev.kvserver.server.auth;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;

import dev.kvserver.server.error.EtcdError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** JSON web tokens with every algorithm, and keys in every form. */
class JwtTokensTests {

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	private final AtomicLong now = new AtomicLong(1_000_000);

	@ParameterizedTest
	@ValueSource(strings = { "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA" })
	void aPrivateKeySignsAndItsPublicKeyChecks(String algorithm) throws Exception {
		KeyPair keys = keys(algorithm);
		Path privateKey = pem("PRIVATE KEY", keys.getPrivate().getEncoded());
		Path publicKey = pem("PUBLIC KEY", keys.getPublic().getEncoded());
		TokenProvider signing = provider("sign-method=" + algorithm, "priv-key=" + privateKey);
		TokenProvider both = provider("sign-method=" + algorithm, "priv-key=" + privateKey, "pub-key=" + publicKey);
		TokenProvider checking = provider("sign-method=" + algorithm, "pub-key=" + publicKey);
		String token = signing.issue("alice", 7, "");
		assertThat(signing.find(token, 99)).isEqualTo(new AuthInfo("alice", 7));
		assertThat(both.find(token, 99)).isEqualTo(new AuthInfo("alice", 7));
		assertThat(checking.find(token, 99)).isEqualTo(new AuthInfo("alice", 7));
		assertThat(checking.find(tampered(token), 99)).isNull();
		assertThatThrownBy(() -> checking.issue("alice", 7, "")).isSameAs(EtcdError.TOKEN_VERIFY_ONLY.exception());
	}

	@ParameterizedTest
	@ValueSource(strings = { "HS256", "HS384", "HS512" })
	void theBytesOfTheFileAreTheSecret(String algorithm) throws IOException {
		Path secret = Files.write(this.directory.resolve("secret"), new byte[] { 9, 8, 7 });
		Path other = Files.write(this.directory.resolve("other"), new byte[] { 9, 8, 6 });
		TokenProvider tokens = provider("sign-method=" + algorithm, "priv-key=" + secret);
		String token = tokens.issue("alice", 7, "");
		assertThat(tokens.find(token, 99)).isEqualTo(new AuthInfo("alice", 7));
		assertThat(tokens.find(tampered(token), 99)).isNull();
		assertThat(provider("sign-method=" + algorithm, "priv-key=" + other).find(token, 99)).isNull();
	}

	/** The example of RFC 7515, appendix A.1, which names no user. */
	@Test
	void aTokenWithoutUserIsNobodys() throws IOException {
		Path secret = Files.write(this.directory.resolve("secret"), Base64.getUrlDecoder()
			.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"));
		TokenProvider tokens = provider("sign-method=HS256", "priv-key=" + secret);
		String example = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
				+ ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
				+ ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
		assertThat(tokens.find(example, 99)).isNull();
	}

	@Test
	void aTokenEndsAfterItsTime() throws IOException {
		TokenProvider tokens = hmac("ttl=1m30s");
		String token = tokens.issue("alice", 7, "");
		this.now.addAndGet(89);
		assertThat(tokens.find(token, 99)).isNotNull();
		this.now.incrementAndGet();
		assertThat(tokens.find(token, 99)).isNull();
	}

	/** The oldest trick: a token that says it needs no signature, or another one. */
	@Test
	void theTokenDoesNotChooseTheAlgorithm() throws Exception {
		KeyPair keys = keys("RS256");
		byte[] publicPem = pemText("PUBLIC KEY", keys.getPublic().getEncoded());
		Path publicKey = Files.write(this.directory.resolve("public"), publicPem);
		TokenProvider victim = provider("sign-method=RS256", "pub-key=" + publicKey);
		TokenProvider forger = provider("sign-method=HS256", "priv-key=" + publicKey);
		assertThat(victim.find(forger.issue("root", 7, ""), 99)).isNull();
		String claims = encode("{\"username\":\"root\",\"revision\":7,\"exp\":9000000000}");
		assertThat(victim.find(encode("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + claims + ".", 99)).isNull();
		assertThat(victim.find(encode("{\"alg\":\"RS256\"}") + "." + claims + ".", 99)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", ".", "..", "...", "a.b.c", "e30.e30.", "e30.e30.AAAA", "bnVsbA.bnVsbA.AAAA" })
	void nonsenseIsNobodysToken(String token) throws IOException {
		assertThat(hmac().find(token, 99)).isNull();
	}

	@Test
	void olderFormsOfKeysAreRead() throws Exception {
		byte[] rsa = keys("RS256").getPrivate().getEncoded();
		Path pkcs1 = pem("RSA PRIVATE KEY", Arrays.copyOfRange(rsa, 26, rsa.length));
		String token = provider("sign-method=RS256", "priv-key=" + pkcs1).issue("alice", 7, "");
		assertThat(provider("sign-method=RS256", "priv-key=" + pkcs1).find(token, 99)).isNotNull();
		byte[] ec = keys("ES256").getPrivate().getEncoded();
		Path sec1 = pem("EC PRIVATE KEY", Arrays.copyOfRange(ec, 28, ec.length));
		token = provider("sign-method=ES256", "priv-key=" + sec1).issue("alice", 7, "");
		assertThat(provider("sign-method=ES256", "priv-key=" + sec1).find(token, 99)).isNotNull();
	}

	@Test
	void wrongOptionsAreNamed() throws Exception {
		Path rsa = pem("PRIVATE KEY", keys("RS256").getPrivate().getEncoded());
		Path other = pem("PUBLIC KEY", keys("RS256").getPublic().getEncoded());
		Path p384 = pem("PUBLIC KEY", keys("ES384").getPublic().getEncoded());
		refused("auth.token sign-method:", "priv-key=" + rsa);
		refused("auth.token sign-method: none", "sign-method=none", "priv-key=" + rsa);
		refused("auth.token pub-key", "sign-method=RS256");
		refused("auth.token priv-key", "sign-method=HS256", "pub-key=" + other);
		refused("auth.token priv-key: /absent", "sign-method=RS256", "priv-key=/absent");
		refused("auth.token priv-key (expected: a PEM file with a key for ES256)", "sign-method=ES256",
				"priv-key=" + rsa);
		refused("auth.token pub-key (expected: the one of priv-key)", "sign-method=RS256", "priv-key=" + rsa,
				"pub-key=" + other);
		refused("auth.token pub-key (expected: a PEM file with a key for ES256)", "sign-method=ES256",
				"pub-key=" + p384);
		refused("auth.token ttl", "sign-method=RS256", "priv-key=" + rsa, "ttl=soon");
		refused("auth.token color", "sign-method=RS256", "color=blue");
		refused("auth.token sign-method", "sign-method=RS256", "sign-method=RS256");
	}

	@Test
	void keysAreNotInTexts() throws Exception {
		Path secret = Files.writeString(this.directory.resolve("secret"), "topsecret");
		AuthOptions options = options("sign-method=HS256", "priv-key=" + secret);
		assertThat(options + " " + options.tokenProvider(this.now::get)).doesNotContain("topsecret");
		assertThat(Credentials.of("topsecret", null)).asString().doesNotContain("topsecret");
	}

	private void refused(String message, String... parts) {
		assertThatIllegalArgumentException().isThrownBy(() -> provider(parts)).withMessageStartingWith(message);
	}

	private TokenProvider hmac(String... parts) throws IOException {
		Path secret = Files.writeString(this.directory.resolve("secret"), "secret");
		String[] all = Arrays.copyOf(parts, parts.length + 2);
		all[parts.length] = "sign-method=HS256";
		all[parts.length + 1] = "priv-key=" + secret;
		return provider(all);
	}

	private TokenProvider provider(String... parts) {
		return options(parts).tokenProvider(this.now::get);
	}

	private static AuthOptions options(String... parts) {
		return new AuthOptions("jwt," + String.join(",", parts), Duration.ofMinutes(5), 10);
	}

	private static KeyPair keys(String algorithm) throws GeneralSecurityException {
		KeyPairGenerator generator = KeyPairGenerator.getInstance(JwtAlgorithm.of(algorithm).family());
		if (algorithm.startsWith("ES")) {
			generator.initialize(new ECGenParameterSpec("secp" + JwtAlgorithm.of(algorithm).bits() + "r1"));
		}
		return generator.generateKeyPair();
	}

	private Path pem(String kind, byte[] content) throws IOException {
		return Files.write(Files.createTempFile(this.directory, "key", ".pem"), pemText(kind, content));
	}

	private static byte[] pemText(String kind, byte[] content) {
		String text = "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(content) + "\n-----END "
				+ kind + "-----\n";
		return text.getBytes(StandardCharsets.US_ASCII);
	}

	/** Another user, with the signature of the first. */
	private static String tampered(String token) {
		String[] parts = token.split("\\.", -1);
		String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
		return parts[0] + "." + encode(claims.replace("alice", "root")) + "." + parts[2];
	}

	private static String encode(String json) {
		return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
	}

}
