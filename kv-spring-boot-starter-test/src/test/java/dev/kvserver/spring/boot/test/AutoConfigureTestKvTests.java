package dev.kvserver.spring.boot.test;

import java.util.Map;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application asks for a directory and a fixed port, and has no actuator.
 */
@SpringBootTest(properties = { "kv.server.store.data-dir=/nowhere", "kv.server.listen.addresses=192.0.2.1:2379" })
@AutoConfigureTestKv
class AutoConfigureTestKvTests {

	@Autowired
	private TestKv kv;

	@Autowired
	private KvServer server;

	@Autowired
	private KvServerOptions options;

	@LocalKvServerPort
	private int port;

	@BeforeEach
	void reset() {
		this.kv.reset();
	}

	@Test
	void storeIsInMemoryOnAFreePortOfTheLoopbackInterface() {
		assertThat(this.options.dataDirectory()).isNull();
		assertThat(this.port).isEqualTo(this.server.port()).isNotEqualTo(2379);
		assertThat(this.kv.endpoint()).isEqualTo("http://127.0.0.1:" + this.port);
	}

	@Test
	void whatIsPutCanBeRead() {
		long first = this.kv.put("a", "1");
		assertThat(this.kv.put("b", "2")).isEqualTo(first + 1);
		assertThat(this.kv.get("a")).isEqualTo("1");
		assertThat(this.kv.get("c")).isNull();
		assertThat(this.kv.dump()).isEqualTo(Map.of("a", "1", "b", "2"));
	}

	@Test
	void resetDeletesEveryKeyAndLetsRevisionsGoOn() {
		long before = this.kv.put("a", "1");
		this.kv.reset();
		assertThat(this.kv.dump()).isEmpty();
		assertThat(this.kv.put("a", "1")).isGreaterThan(before);
	}

	@Test
	void starterWorksWithoutActuator() {
		assertThat(
				ClassUtils.isPresent("org.springframework.boot.health.contributor.Health", getClass().getClassLoader()))
			.isFalse();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
