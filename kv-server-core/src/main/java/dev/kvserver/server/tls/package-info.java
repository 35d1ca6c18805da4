/**
 * TLS without sockets: keys and whom to trust, which versions and ciphers, whose
 * certificates are let in, and what is said about the others. Knows neither gRPC nor
 * where certificates come from.
 */
@NullMarked
package dev.kvserver.server.tls;

import org.jspecify.annotations.NullMarked;
