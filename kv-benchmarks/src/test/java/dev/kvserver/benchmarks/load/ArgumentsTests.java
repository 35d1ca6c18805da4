package dev.kvserver.benchmarks.load;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ArgumentsTests {

	@Test
	void namesWordsAndDefaultsAreTold() {
		Arguments arguments = new Arguments(List.of("run", "--keys", "1_000", "put", "--warmup", "0.5"));
		assertThat(arguments.words()).containsExactly("run", "put");
		assertThat(arguments.number("keys", 5)).isEqualTo(1_000);
		assertThat(arguments.number("limit", 7)).isEqualTo(7);
		assertThat(arguments.seconds("warmup", 2)).isEqualTo(Duration.ofMillis(500));
		assertThat(arguments.text("endpoint", "x")).isEqualTo("x");
		arguments.requireNoOthers();
	}

	@Test
	void whatNobodyAskedForIsRefused() {
		Arguments arguments = new Arguments(List.of("--kyes", "3"));
		arguments.number("keys", 1);
		assertThatIllegalArgumentException().isThrownBy(arguments::requireNoOthers)
			.withMessage("There is no --kyes, only [keys]");
	}

	@Test
	void valueThatIsMissingOrNoNumberIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Arguments(List.of("--keys")));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new Arguments(List.of("--keys", "many")).number("keys", 1))
			.withMessage("--keys must be a number, not many");
	}

	@Test
	void commandLineThatIsWrongEndsWithTwo() {
		assertThat(LoadMain.run(List.of())).isEqualTo(2);
		assertThat(LoadMain.run(List.of("run", "nothing"))).isEqualTo(2);
		assertThat(LoadMain.run(List.of("run", "put", "--endpoint", "192.0.2.1:2379"))).isEqualTo(2);
	}

	@Test
	void serverThatIsNotThereEndsWithThree() {
		assertThat(LoadMain.run(List.of("run", "put", "--endpoint", "127.0.0.1:1"))).isEqualTo(3);
	}

}
