package dev.kvserver.server.auth;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Simple tokens and their time. */
class SimpleTokensTests {

	private final SimpleTokens tokens = new SimpleTokens(5, 100);

	@Test
	void aTokenIsItsRandomPartAndItsIndex() {
		assertThat(login("alice", "abcdefghijklmnop", 17)).isEqualTo("abcdefghijklmnop.17");
		assertThat(this.tokens.find("abcdefghijklmnop.17", 9)).isEqualTo(new AuthInfo("alice", 9));
	}

	@Test
	void nobodyWasGivenAnotherToken() {
		login("alice", "abcdefghijklmnop", 17);
		assertThat(this.tokens.find("abcdefghijklmnop.18", 9)).isNull();
		assertThat(this.tokens.find("abcdefghijklmnop", 9)).isNull();
		assertThat(this.tokens.find("", 9)).isNull();
	}

	@Test
	void aTokenEndsWhenItWasNotUsedForItsTime() {
		String token = login("alice", "a", 1);
		ticks(5);
		assertThat(this.tokens.find(token, 1)).isNotNull();
		ticks(5);
		assertThat(this.tokens.find(token, 1)).isNotNull();
		ticks(6);
		assertThat(this.tokens.find(token, 1)).isNull();
		assertThat(this.tokens.count()).isZero();
	}

	@Test
	void invalidatingAUserEndsItsTokensOnly() {
		String first = login("alice", "a", 1);
		String second = login("alice", "b", 2);
		String other = login("bob", "c", 3);
		this.tokens.invalidate("alice");
		assertThat(this.tokens.find(first, 1)).isNull();
		assertThat(this.tokens.find(second, 1)).isNull();
		assertThat(this.tokens.find(other, 1)).isNotNull();
		this.tokens.invalidateAll();
		assertThat(this.tokens.find(other, 1)).isNull();
	}

	@Test
	void aLoginTooManyTakesTheOldestTokenBack() {
		String first = login("alice", "a", 1);
		for (int i = 2; i <= 101; i++) {
			login("alice", "a", i);
		}
		assertThat(this.tokens.find(first, 1)).isNull();
		assertThat(this.tokens.find("a.2", 1)).isNotNull();
		assertThat(this.tokens.count()).isEqualTo(100);
	}

	private String login(String user, String random, long index) {
		return this.tokens.issue(user, 1, this.tokens.login(user, random, index));
	}

	private void ticks(int count) {
		for (int i = 0; i < count; i++) {
			this.tokens.tick();
		}
	}

}
