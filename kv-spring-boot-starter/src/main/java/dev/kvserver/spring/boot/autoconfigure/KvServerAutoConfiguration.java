package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.KvStore;
import dev.kvserver.server.loop.Clock;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the engine: options, server and
 * embedded store. They can be used by other beans before any lifecycle phase, and are
 * closed after the last one.
 */
@AutoConfiguration(after = SslAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "kv.server.enabled", matchIfMissing = true)
@EnableConfigurationProperties(KvServerProperties.class)
public final class KvServerAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	Clock kvClock() {
		return Clock.system();
	}

	@Bean
	@ConditionalOnMissingBean
	KvServerOptions kvServerOptions(KvServerProperties properties, Clock clock, Environment environment,
			ObjectProvider<SslBundles> bundles, ObjectProvider<KvServerOptionsCustomizer> customizers) {
		String name = environment.getProperty("spring.application.name", "");
		KvServerOptions.Builder builder = PropertiesOptions.builder(properties, name.isEmpty() ? "default" : name,
				bundles.getIfAvailable());
		builder.clock(clock);
		customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
		return builder.build();
	}

	@Bean(destroyMethod = "close")
	@ConditionalOnMissingBean
	KvServer kvServer(KvServerOptions options) {
		return KvServer.open(options);
	}

	@Bean(destroyMethod = "")
	@ConditionalOnMissingBean
	KvStore kvStore(KvServer server) {
		return server.store();
	}

}
