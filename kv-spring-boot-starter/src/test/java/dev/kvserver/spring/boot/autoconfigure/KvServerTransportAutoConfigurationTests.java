package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.KvServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class KvServerTransportAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(KvServerAutoConfiguration.class, KvServerTransportAutoConfiguration.class))
		.withPropertyValues("kv.server.listen.addresses=127.0.0.1:0");

	@Test
	void portIsOpenAndPublished() {
		this.contextRunner.run((context) -> {
			int port = context.getBean(KvServer.class).port();
			assertThat(port).isPositive();
			assertThat(context.getEnvironment().getProperty("local.kv.server.port", Integer.class)).isEqualTo(port);
		});
	}

	@Test
	void portIsPublishedInTheParentToo() {
		new ApplicationContextRunner().run((parent) -> this.contextRunner.withParent(parent)
			.run((context) -> assertThat(parent.getEnvironment().getProperty("local.kv.server.port", Integer.class))
				.isEqualTo(context.getBean(KvServer.class).port())));
	}

	@Test
	void nothingListensWhenSwitchedOff() {
		this.contextRunner.withPropertyValues("kv.server.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(SmartLifecycle.class));
	}

	@Test
	void portOpensBeforeOtherBeansStartAndDrainsWithTheWebServers() {
		this.contextRunner.run((context) -> {
			assertThat(context.getBean(KvServerStartStopLifecycle.class).getPhase())
				.isEqualTo(Integer.MIN_VALUE + 1024);
			assertThat(context.getBean(KvServerDrainLifecycle.class).getPhase())
				.isEqualTo(SmartLifecycle.DEFAULT_PHASE - 1024);
		});
	}

	@Test
	void phasesCanBeMoved() {
		this.contextRunner.withPropertyValues("kv.server.lifecycle.phase=1", "kv.server.lifecycle.drain-phase=2")
			.run((context) -> {
				assertThat(context.getBean(KvServerStartStopLifecycle.class).getPhase()).isEqualTo(1);
				assertThat(context.getBean(KvServerDrainLifecycle.class).getPhase()).isEqualTo(2);
			});
	}

	@Test
	void lifecycleOfTheUserIsTaken() {
		this.contextRunner.withUserConfiguration(OwnLifecycles.class)
			.run((context) -> assertThat(context).doesNotHaveBean(KvServerStartStopLifecycle.class)
				.doesNotHaveBean(KvServerDrainLifecycle.class));
	}

	@Test
	void startIsReportedInOneLine(CapturedOutput output) {
		this.contextRunner.withPropertyValues("kv.server.name=m1").run((context) -> {
			int port = context.getBean(KvServer.class).port();
			assertThat(output.getOut().lines().filter((line) -> line.contains("KV"))).singleElement()
				.asString()
				.contains(" INFO ")
				.endsWith(
						"KV server started on 127.0.0.1:" + port + " (grpc+http, insecure), store memory, member 'm1'");
		});
	}

	@Test
	void insecurePortOnEveryInterfaceIsWarnedOf(CapturedOutput output) {
		this.contextRunner.withPropertyValues("kv.server.listen.addresses=*:0").run((context) -> {
			int port = context.getBean(KvServer.class).port();
			assertThat(output.getOut().lines().filter((line) -> line.contains(" WARN "))).singleElement()
				.asString()
				.contains("takes commands from other machines on *:" + port + " without encryption");
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnLifecycles {

		@Bean
		Object kvServerStartStopLifecycle() {
			return new Object();
		}

		@Bean
		Object kvServerDrainLifecycle() {
			return new Object();
		}

	}

}
