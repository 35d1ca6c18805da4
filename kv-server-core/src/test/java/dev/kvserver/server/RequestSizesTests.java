package dev.kvserver.server;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** {@link RequestSizes}. */
class RequestSizesTests {

	@ParameterizedTest
	@CsvSource({ "2e1259d415f2a040, 14", "8e9e05c52164694d, 13", "ffffffffffff8000, 14", "7fff, 13", "100, 13",
			"ff, 12", "2, 12", "1, 11", "ffffffffffff0000, 11" })
	void sizeDependsOnTheLastTwoBytesOfTheMember(String memberId, int bytes) {
		assertThat(RequestSizes.headerBytes(Long.parseUnsignedLong(memberId, 16))).isEqualTo(bytes);
	}

}
