package dev.kvserver.spring.boot.autoconfigure.health;

import dev.kvserver.spring.boot.autoconfigure.KvServerAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

class KvServerHealthContributorAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(KvServerAutoConfiguration.class,
				KvServerHealthContributorAutoConfiguration.class, HealthContributorAutoConfiguration.class));

	@Test
	void runningServerIsUp() {
		this.contextRunner.run((context) -> {
			assertThat(context).hasSingleBean(KvServerHealthIndicator.class).hasBean("kvHealthContributor");
			Health health = context.getBean(KvServerHealthIndicator.class).health();
			assertThat(health.getStatus()).isEqualTo(Status.UP);
			assertThat(health.getDetails()).isEmpty();
		});
	}

	@Test
	void indicatorCanBeSwitchedOff() {
		this.contextRunner.withPropertyValues("management.health.kv.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(KvServerHealthIndicator.class));
	}

	@Test
	void indicatorIsMissingWithoutAServer() {
		this.contextRunner.withPropertyValues("kv.server.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean("kvHealthContributor"));
	}

	@Test
	void indicatorIsMissingWithoutTheHealthClasses() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(HealthContributor.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("kvHealthContributor"));
	}

	@Test
	void indicatorOfTheUserIsTaken() {
		this.contextRunner.withUserConfiguration(OwnIndicator.class)
			.run((context) -> assertThat(context).hasBean("kvHealthIndicator").doesNotHaveBean("kvHealthContributor"));
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnIndicator {

		@Bean
		HealthIndicator kvHealthIndicator() {
			return () -> Health.unknown().build();
		}

	}

}
