/**
 * Tests of TLS without sockets, and certificates for those with.
 */
@NullMarked
package dev.kvserver.server.tls;

import org.jspecify.annotations.NullMarked;
