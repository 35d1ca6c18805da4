/**
 * What answers HTTP/1 on the client port: version, health, metrics, debug and the JSON
 * gateway.
 */
@NullMarked
package dev.kvserver.server.http;

import org.jspecify.annotations.NullMarked;
