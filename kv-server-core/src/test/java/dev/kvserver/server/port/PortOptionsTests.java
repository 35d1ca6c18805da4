package dev.kvserver.server.port;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Defaults and bounds of the options.
 */
class PortOptionsTests {

	@Test
	void defaultsAreThoseOfEtcd() {
		PortOptions options = PortOptions.builder().build();
		assertThat(options.addresses()).hasSize(1);
		assertThat(options.addresses().get(0).getHostString()).isEqualTo("localhost");
		assertThat(options.addresses().get(0).getPort()).isEqualTo(2379);
		assertThat(options.maxMessageBytes()).isEqualTo(2_097_152);
		assertThat(options.maxConcurrentStreams()).isZero();
		assertThat(options.keepAliveMinTime()).isEqualTo(Duration.ofSeconds(5));
		assertThat(options.keepAliveWithoutStream()).isFalse();
		assertThat(options.keepAliveInterval()).isEqualTo(Duration.ofHours(2));
		assertThat(options.keepAliveTimeout()).isEqualTo(Duration.ofSeconds(20));
		assertThat(options.httpIdleTimeout()).isEqualTo(Duration.ofMinutes(5));
	}

	@ParameterizedTest
	@MethodSource
	void aValueOutOfBoundsIsRefusedByName(String name, Consumer<PortOptions.Builder> setter) {
		PortOptions.Builder builder = PortOptions.builder();
		setter.accept(builder);
		assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageStartingWith("Option " + name + " ");
	}

	static List<Arguments> aValueOutOfBoundsIsRefusedByName() {
		return List.of(refused("addresses", (builder) -> builder.addresses(List.of())),
				refused("maxRequestBytes", (builder) -> builder.maxRequestBytes(0)),
				refused("maxRequestBytes", (builder) -> builder.maxRequestBytes(Integer.MAX_VALUE)),
				refused("maxMetadataBytes", (builder) -> builder.maxMetadataBytes(0)),
				refused("maxConcurrentStreams", (builder) -> builder.maxConcurrentStreams(-1)),
				refused("maxConnections", (builder) -> builder.maxConnections(-1)),
				refused("maxRstFramesPerWindow", (builder) -> builder.maxRstFramesPerWindow(-1)),
				refused("flowControlWindowBytes", (builder) -> builder.flowControlWindowBytes(65_534)),
				refused("keepAliveMinTime", (builder) -> builder.keepAliveMinTime(Duration.ofNanos(-1))),
				refused("keepAliveInterval", (builder) -> builder.keepAliveInterval(Duration.ofNanos(-1))),
				refused("keepAliveTimeout", (builder) -> builder.keepAliveTimeout(Duration.ZERO)),
				refused("handshakeTimeout", (builder) -> builder.handshakeTimeout(Duration.ZERO)),
				refused("httpIdleTimeout", (builder) -> builder.httpIdleTimeout(Duration.ZERO)),
				refused("httpIdleTimeout", (builder) -> builder.httpIdleTimeout(Duration.ofSeconds(Long.MAX_VALUE))),
				refused("eventLoopThreads", (builder) -> builder.eventLoopThreads(-1)));
	}

	private static Arguments refused(String name, Consumer<PortOptions.Builder> setter) {
		return arguments(name, setter);
	}

}
