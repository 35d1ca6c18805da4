package dev.kvserver.server.tls;

/**
 * Where keys and certificates come from. Asked when a port opens, and again whenever it
 * is told to reload.
 */
@FunctionalInterface
public interface TlsSource {

	/**
	 * The material as it is now. Any thread, may block.
	 * @return the material
	 * @throws TlsException if it cannot be used; after a start, the material before stays
	 * in use
	 */
	TlsMaterial load();

}
