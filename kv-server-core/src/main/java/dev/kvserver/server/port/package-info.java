/**
 * One listening port: plaintext or TLS, HTTP/2 to gRPC, HTTP/1 to the http package. Owns
 * the life and the drain of a connection.
 */
@NullMarked
package dev.kvserver.server.port;

import org.jspecify.annotations.NullMarked;
