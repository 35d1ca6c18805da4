package dev.kvserver.conformance.cases;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.kvserver.conformance.grpc.Outcome;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.server.error.EtcdError;
import io.grpc.Status.Code;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Walks the contract's table of errors, row by row: each that can happen on one node is
 * made to happen on a real etcd and on the candidate, and has the row's code and text on
 * both. What else can be said of single errors is in {@link ErrorCasesTests}.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ErrorTableTests {

	private static final int ROWS = 63;

	private final BothServers servers = new BothServers();

	@AfterAll
	void close() {
		this.servers.close();
	}

	static Stream<ErrorRow> rows() {
		return ErrorTable.rows().filter((row) -> row.provoked() != null);
	}

	@ParameterizedTest
	@MethodSource("rows")
	void errorIsThatOfTheRowOnBoth(ErrorRow row) {
		assumeTrue(!row.name().contains("Downgrade") || EtcdBinary.reference().isAtLeast(3, 7));
		Function<Recorder, Outcome> provoked = Objects.requireNonNull(row.provoked());
		List<Outcome> outcomes = new ArrayList<>();
		this.servers.play((server) -> outcomes.add(provoked.apply(server)));
		assertThat(outcomes).hasSize(2).allSatisfy((outcome) -> {
			assertThat(outcome.code()).isEqualTo(row.code());
			assertThat(outcome.text()).isEqualTo(row.text());
		});
	}

	@Test
	void errorThatIsNotProvokedHasAReason() {
		assertThat(ErrorTable.rows()).allMatch((row) -> (row.provoked() == null) == !row.reason().isEmpty())
			.extracting(ErrorRow::name)
			.doesNotHaveDuplicates()
			.hasSize(ROWS);
	}

	/**
	 * Except what etcd has no row for itself: the action that nobody knows, and what
	 * comes from below its server, which has another prefix.
	 */
	@Test
	void everyErrorOfOursIsInTheTable() {
		Map<String, Code> table = ErrorTable.rows().collect(Collectors.toMap(ErrorRow::text, ErrorRow::code));
		assertThat(EtcdError.values()).allSatisfy((error) -> {
			if (error != EtcdError.UNKNOWN_METHOD && error.text().startsWith("etcdserver: ")) {
				assertThat(table).containsEntry(error.text(), error.status().getCode());
			}
		});
	}

}
