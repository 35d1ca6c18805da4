package dev.kvserver.spring.boot.autoconfigure;

import java.time.Duration;

import com.google.protobuf.ByteString;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.KvStore;
import dev.kvserver.server.loop.Clock;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

class KvServerAutoConfigurationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(KvServerAutoConfiguration.class));

	@Test
	void embeddedStoreWorksWithoutAnyProperty() {
		this.contextRunner.run((context) -> {
			KvStore store = context.getBean(KvStore.class);
			store.put("key", ByteString.copyFromUtf8("value"), TIMEOUT);
			assertThat(store.get("key", TIMEOUT)).isEqualTo(ByteString.copyFromUtf8("value"));
		});
	}

	@Test
	void noBeanIsMadeWhenSwitchedOff() {
		this.contextRunner.withPropertyValues("kv.server.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(KvServer.class)
				.doesNotHaveBean(KvStore.class)
				.doesNotHaveBean(KvServerOptions.class)
				.doesNotHaveBean(Clock.class));
	}

	@Test
	void actuatorIsNotNeeded() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.boot.health"))
			.run((context) -> assertThat(context).hasSingleBean(KvServer.class));
	}

	@Test
	void nameIsDefaultWithoutAnyOther() {
		this.contextRunner.run((context) -> assertThat(options(context).name()).isEqualTo("default"));
		this.contextRunner.withPropertyValues("spring.application.name=")
			.run((context) -> assertThat(options(context).name()).isEqualTo("default"));
	}

	@Test
	void nameIsThatOfTheApplication() {
		this.contextRunner.withPropertyValues("spring.application.name=shop")
			.run((context) -> assertThat(options(context).name()).isEqualTo("shop"));
	}

	@Test
	void nameOfTheMemberWinsOverThatOfTheApplication() {
		this.contextRunner.withPropertyValues("spring.application.name=shop", "kv.server.name=m1")
			.run((context) -> assertThat(options(context).name()).isEqualTo("m1"));
	}

	@Test
	void refusedValueFailsTheStartAndNamesTheProperty() {
		this.contextRunner.withPropertyValues("kv.server.grpc.max-txn-ops=0")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidConfigurationPropertyValueException.class,
						(ex) -> assertThat(ex.getName()).isEqualTo("kv.server.grpc.max-txn-ops")));
	}

	@Test
	void customizersAreCalledInTheirOrderAfterTheProperties() {
		this.contextRunner.withUserConfiguration(TwoCustomizers.class)
			.withPropertyValues("kv.server.name=property", "kv.server.version=3.6.1")
			.run((context) -> {
				assertThat(options(context).name()).isEqualTo("second");
				assertThat(options(context).version()).isEqualTo("3.6.1");
			});
	}

	@Test
	void clockOfTheUserIsTaken() {
		this.contextRunner.withUserConfiguration(OwnClock.class).run((context) -> {
			assertThat(context).hasSingleBean(Clock.class).doesNotHaveBean("kvClock");
			assertThat(options(context).clock()).isSameAs(context.getBean("ownClock"));
		});
	}

	@Test
	void optionsOfTheUserReplaceTheProperties() {
		this.contextRunner.withUserConfiguration(OwnOptions.class)
			.withPropertyValues("kv.server.name=property")
			.run((context) -> {
				assertThat(context).hasSingleBean(KvServerOptions.class);
				assertThat(options(context).name()).isEqualTo("own");
			});
	}

	@Test
	void serverOfTheUserIsTaken() {
		this.contextRunner.withUserConfiguration(OwnServer.class).run((context) -> {
			assertThat(context).hasSingleBean(KvServer.class).doesNotHaveBean("kvServer");
			assertThat(context).hasSingleBean(KvStore.class);
		});
	}

	@Test
	void storeOfTheUserIsTaken() {
		this.contextRunner.withUserConfiguration(OwnStore.class)
			.run((context) -> assertThat(context).hasSingleBean(KvStore.class).doesNotHaveBean("kvStore"));
	}

	private static KvServerOptions options(org.springframework.context.ApplicationContext context) {
		return context.getBean(KvServerOptions.class);
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoCustomizers {

		@Bean
		@Order(2)
		KvServerOptionsCustomizer second() {
			return (options) -> options.name("second");
		}

		@Bean
		@Order(1)
		KvServerOptionsCustomizer first() {
			return (options) -> options.name("first");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnClock {

		@Bean
		Clock ownClock() {
			return () -> 42;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnOptions {

		@Bean
		KvServerOptions ownOptions() {
			return KvServerOptions.builder().name("own").build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnServer {

		@Bean
		KvServer ownServer() {
			return KvServer.open(KvServerOptions.builder().build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStore {

		@Bean
		KvStore ownStore(KvServer server) {
			return server.store();
		}

	}

}
