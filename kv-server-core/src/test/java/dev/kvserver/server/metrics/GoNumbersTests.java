package dev.kvserver.server.metrics;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Pairs taken from what a real etcd prints. */
class GoNumbersTests {

	@ParameterizedTest
	@CsvSource({ "0, 0", "1, 1", "-1, -1", "20480, 20480", "524288, 524288", "999999, 999999", "1000000, 1e+06",
			"1048576, 1.048576e+06", "2147483648, 2.147483648e+09", "18446744073709551616, 1.8446744073709552e+19",
			"0.5, 0.5", "0.001, 0.001", "0.0001, 0.0001", "0.00012, 0.00012", "0.0000745, 7.45e-05",
			"0.00006745, 6.745e-05", "0.395332816, 0.395332816", "1795293465.1, 1.7952934651e+09", "-2.5, -2.5",
			"1e100, 1e+100", "52.4288, 52.4288", "123456.5, 123456.5", "NaN, NaN", "Infinity, +Inf",
			"-Infinity, -Inf" })
	void numbersAreWrittenAsGoDoes(double value, String text) {
		assertThat(GoNumbers.format(value)).isEqualTo(text);
	}

}
