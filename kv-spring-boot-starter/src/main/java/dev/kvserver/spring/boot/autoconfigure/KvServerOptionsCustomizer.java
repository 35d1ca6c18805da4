package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.KvServerOptions;

/**
 * A bean of this type can change the server's options after the properties were applied.
 * Several are called in their {@link org.springframework.core.annotation.Order order},
 * the last one wins.
 */
@FunctionalInterface
public interface KvServerOptionsCustomizer {

	/**
	 * Changes the options. Called once, before the server is opened.
	 * @param options the options as the properties and earlier customizers left them
	 */
	void customize(KvServerOptions.Builder options);

}
