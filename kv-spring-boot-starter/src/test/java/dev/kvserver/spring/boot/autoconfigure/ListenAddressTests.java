package dev.kvserver.spring.boot.autoconfigure;

import java.net.InetSocketAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ListenAddressTests {

	@Test
	void hostAndPortAreRead() {
		assertThat(ListenAddress.parse(" 127.0.0.1:2379 ")).hasToString("/127.0.0.1:2379");
	}

	@Test
	void addressOfVersionSixIsReadInBrackets() {
		assertThat(ListenAddress.parse("[::1]:0")).hasToString("/[0:0:0:0:0:0:0:1]:0");
	}

	@Test
	void starIsEveryInterface() {
		InetSocketAddress address = ListenAddress.parse("*:2379");
		assertThat(address.getAddress().isAnyLocalAddress()).isTrue();
		assertThat(address.getPort()).isEqualTo(2379);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "localhost", "localhost:", ":2379", "http://localhost:2379", "::1:2379", "localhost:x",
			"localhost:-1", "localhost:123456", "unix:/run/kv.sock", "[]:1" })
	void otherFormIsRefusedWithTheExpectedOne(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> ListenAddress.parse(text))
			.withMessageStartingWith("Expected host:port");
	}

	@Test
	void portBeyondTheLastIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ListenAddress.parse("localhost:65536"))
			.withMessage("The port must not be above 65535");
	}

	@Test
	void unknownHostIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ListenAddress.parse("no-such-host.invalid:2379"))
			.withMessage("The host 'no-such-host.invalid' is unknown");
	}

}
