package dev.kvserver.spring.boot.autoconfigure;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * Tells the environment of a context, and of its parents, which port was opened: as
 * {@code local.kv.server.port}, in the property source that Spring Boot has for the ports
 * of web servers.
 */
final class LocalServerPort {

	static final String PROPERTY = "local.kv.server.port";

	private static final String SOURCE = "server.ports";

	private final ApplicationContext context;

	LocalServerPort(ApplicationContext context) {
		this.context = context;
	}

	void publish(int port) {
		for (ApplicationContext next = this.context; next != null; next = next.getParent()) {
			if (next instanceof ConfigurableApplicationContext configurable) {
				publish(configurable.getEnvironment(), port);
			}
		}
	}

	@SuppressWarnings("unchecked")
	private static void publish(ConfigurableEnvironment environment, int port) {
		MutablePropertySources sources = environment.getPropertySources();
		PropertySource<?> source = sources.get(SOURCE);
		if (source == null) {
			source = new MapPropertySource(SOURCE, new HashMap<>());
			sources.addFirst(source);
		}
		((Map<String, @Nullable Object>) source.getSource()).put(PROPERTY, port);
	}

}
