package dev.kvserver.spring.boot.autoconfigure;

import java.util.Objects;
import java.util.function.Supplier;

import dev.kvserver.server.KvGrpcService;
import dev.kvserver.server.KvHttpHandler;
import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerExtensions;
import dev.kvserver.server.KvServerInterceptor;
import dev.kvserver.server.KvServerOptions;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the port: opens it when the
 * context starts, drains and closes it when the context stops. Beans of
 * {@link KvHttpHandler}, {@link KvGrpcService} and {@link KvServerInterceptor} are added
 * to it, in their order.
 */
@AutoConfiguration(after = KvServerAutoConfiguration.class)
@ConditionalOnBean(KvServer.class)
@EnableConfigurationProperties(KvServerProperties.class)
public final class KvServerTransportAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(name = "kvServerStartStopLifecycle")
	KvServerStartStopLifecycle kvServerStartStopLifecycle(KvServerProperties properties, KvServer server,
			KvServerOptions options, ApplicationContext context, ObjectProvider<KvHttpHandler> handlers,
			ObjectProvider<KvGrpcService> services, ObjectProvider<KvServerInterceptor> interceptors) {
		Supplier<KvServerExtensions> extensions = () -> new KvServerExtensions(handlers.orderedStream().toList(),
				services.orderedStream().toList(), interceptors.orderedStream().toList());
		return new KvServerStartStopLifecycle(server, extensions, new LocalServerPort(context),
				new StartupReport(options), properties.lifecycle().phase());
	}

	@Bean
	@ConditionalOnProperty("kv.server.tls.bundle")
	TlsReload kvServerTlsReload(KvServerProperties properties, KvServer server, KvServerOptions options,
			SslBundles bundles) {
		TlsReload reload = new TlsReload(server, Objects.requireNonNull(properties.tls().bundle()));
		if (options.port().tls() != null) {
			reload.watch(bundles);
		}
		return reload;
	}

	@Bean
	@ConditionalOnMissingBean(name = "kvServerDrainLifecycle")
	KvServerDrainLifecycle kvServerDrainLifecycle(KvServerProperties properties, KvServer server,
			ApplicationContext context) {
		return new KvServerDrainLifecycle(server, context, properties.lifecycle().drainPhase());
	}

}
