package dev.kvserver.server.tls;

/**
 * What is spoken with a client that offers both HTTP/1.1 and HTTP/2. Over HTTP/2 there is
 * only gRPC; clients of gRPC offer nothing but HTTP/2.
 */
public enum AlpnPreference {

	/** HTTP/1.1, which browsers, curl and scrapers of metrics need. */
	HTTP1,
	/** HTTP/2, for proxies that offer both and then speak gRPC. */
	H2

}
