package dev.kvserver.server.rpc;

import dev.kvserver.server.error.EtcdError;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class StatusesTests {

	@ParameterizedTest
	@EnumSource
	void etcdErrorLeavesWithItsCodeAndText(EtcdError error) {
		StatusRuntimeException status = Statuses.of(error.exception());
		assertThat(status.getStatus().getCode()).isEqualTo(error.status().getCode());
		assertThat(status.getStatus().getDescription()).isEqualTo(error.text());
		assertThat(status.getStackTrace()).isEmpty();
	}

	@Test
	void anythingElseIsUnknownWithItsMessage() {
		Status status = Statuses.of(new IllegalStateException("main: 7 (expected: > 9)")).getStatus();
		assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
		assertThat(status.getDescription()).isEqualTo("main: 7 (expected: > 9)");
	}

	@Test
	void failureWithoutMessageIsNamedByItsClass() {
		assertThat(Statuses.of(new NullPointerException()).getStatus().getDescription())
			.isEqualTo("java.lang.NullPointerException");
	}

}
