package dev.kvserver.spring.boot.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class OldLibrariesTests {

	@ParameterizedTest
	@CsvSource({ "1.80.0, 4.2.17.Final", "1.83.0, 4.2.18.Final", "0.99.9, 5.0.0.Final" })
	void grpcOlderThanItsFixIsNamed(String grpc, String netty) {
		assertThat(OldLibraries.complaints(grpc, netty)).singleElement()
			.asString()
			.startsWith("grpc-java " + grpc + " ")
			.contains("'grpc-java.version' to 1.83.1 or newer");
	}

	@ParameterizedTest
	@CsvSource({ "1.83.1, 4.2.15.Final", "1.84.0, 4.1.136.Final" })
	void nettyOlderThanItsFixIsNamed(String grpc, String netty) {
		assertThat(OldLibraries.complaints(grpc, netty)).singleElement()
			.asString()
			.startsWith("Netty " + netty + " ")
			.contains("'netty.version' to 4.2.17 or newer");
	}

	@ParameterizedTest
	@CsvSource({ "1.83.1, 4.2.17.Final", "1.100.0, 4.10.0.Final", "2.0.0, 5.0.0.Alpha2", ", ", "snapshot, unknown" })
	void newEnoughOrUnknownIsNoComplaint(String grpc, String netty) {
		assertThat(OldLibraries.complaints(grpc, netty)).isEmpty();
	}

	@Test
	void versionsOnTheClassPathAreKnownAndNewEnough() {
		assertThat(OldLibraries.grpcVersion()).isNotNull();
		assertThat(OldLibraries.nettyVersion()).isNotNull();
		assertThat(OldLibraries.complaints()).isEmpty();
	}

}
