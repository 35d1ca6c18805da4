package dev.kvserver.spring.boot.autoconfigure.health;

import dev.kvserver.server.KvServer;
import dev.kvserver.spring.boot.autoconfigure.KvServerAutoConfiguration;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.CompositeHealthContributorConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the health contributor
 * {@code kv}.
 */
@AutoConfiguration(after = KvServerAutoConfiguration.class)
@ConditionalOnClass({ HealthContributor.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnBean(KvServer.class)
@ConditionalOnEnabledHealthIndicator("kv")
public final class KvServerHealthContributorAutoConfiguration
		extends CompositeHealthContributorConfiguration<KvServerHealthIndicator, KvServer> {

	KvServerHealthContributorAutoConfiguration() {
		super(KvServerHealthIndicator::new);
	}

	@Bean
	@ConditionalOnMissingBean(name = { "kvHealthIndicator", "kvHealthContributor" })
	HealthContributor kvHealthContributor(ConfigurableListableBeanFactory beanFactory) {
		return createContributor(beanFactory, KvServer.class);
	}

}
