package dev.kvserver.spring.boot.test;

import dev.kvserver.server.KvStore;
import dev.kvserver.spring.boot.autoconfigure.KvServerAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for {@link TestKv}, only with
 * {@link AutoConfigureTestKv @AutoConfigureTestKv}.
 */
@AutoConfiguration(after = KvServerAutoConfiguration.class)
@ConditionalOnBean(KvStore.class)
public final class TestKvAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	TestKv testKv(KvStore store, Environment environment) {
		return new TestKv(store, environment);
	}

}
