package dev.kvserver.server.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import com.google.protobuf.ByteString;
import dev.kvserver.server.error.EtcdError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** bcrypt as etcd uses it, and what is remembered of passwords. */
class PasswordsTests {

	/** The hash of "U*U" from the original distribution of bcrypt. */
	private static final ByteString KNOWN = ByteString
		.copyFromUtf8("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");

	private final Passwords passwords = new Passwords(4, new byte[] { 1, 2, 3 });

	@Test
	void aHashOfAnotherProgramIsChecked() {
		assertThat(this.passwords.check(KNOWN, "U*U")).isTrue();
		assertThat(this.passwords.check(KNOWN, "U*V")).isFalse();
	}

	@Test
	void aHashSaysVersionAndCost() {
		ByteString hash = hash("secret");
		assertThat(hash.toStringUtf8()).startsWith("$2a$04$").hasSize(60);
		assertThat(this.passwords.check(hash, "secret")).isTrue();
		assertThat(hash("secret")).isNotEqualTo(hash);
	}

	@Test
	void onlyWhatWasCheckedIsRemembered() {
		ByteString hash = hash("secret");
		assertThat(this.passwords.recall(hash, "secret")).isNull();
		assertThat(this.passwords.check(hash, "secret")).isTrue();
		assertThat(this.passwords.check(hash, "guess")).isFalse();
		assertThat(this.passwords.recall(hash, "secret")).isTrue();
		assertThat(this.passwords.recall(hash, "guess")).isFalse();
		assertThat(this.passwords.recall(hash("secret"), "secret")).isNull();
	}

	@Test
	void guessesDoNotPushARightPasswordOut() {
		ByteString hash = hash("secret");
		CheckedPasswords checked = new CheckedPasswords(new byte[] { 1 });
		checked.remember(hash, bytes("secret"), true);
		for (int i = 0; i < 2 * CheckedPasswords.REMEMBERED_MAX; i++) {
			checked.remember(hash, bytes("guess" + i), false);
		}
		assertThat(checked.recall(hash, bytes("secret"))).isTrue();
		assertThat(checked.recall(hash, bytes("guess0"))).isNull();
	}

	@Test
	void seventyTwoBytesAreTheMost() {
		String longest = "p".repeat(72);
		Passwords.checkLength(longest);
		ByteString hash = hash(longest);
		assertThat(this.passwords.check(hash, longest)).isTrue();
		assertThat(this.passwords.check(hash, "p".repeat(71))).isFalse();
		assertThatThrownBy(() -> Passwords.checkLength(longest + "p"))
			.isSameAs(EtcdError.PASSWORD_TOO_LONG.exception());
		assertThatThrownBy(() -> Passwords.checkLength("é".repeat(37)))
			.isSameAs(EtcdError.PASSWORD_TOO_LONG.exception());
	}

	@Test
	void anEmptyPasswordIsNeverRight() {
		assertThat(this.passwords.check(hash(""), "")).isFalse();
		assertThat(this.passwords.check(ByteString.EMPTY, "secret")).isFalse();
		assertThat(this.passwords.check(ByteString.copyFromUtf8("no hash"), "secret")).isFalse();
	}

	private ByteString hash(String password) {
		return ByteString.copyFrom(Base64.getDecoder().decode(this.passwords.hash(password)));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
