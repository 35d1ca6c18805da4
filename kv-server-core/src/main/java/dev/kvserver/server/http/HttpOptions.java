package dev.kvserver.server.http;

import java.time.Duration;

/**
 * What bounds an HTTP/1 connection.
 *
 * @param maxHeadBytes the largest set of header lines, in bytes, positive
 * @param idleTimeout how long a connection may take from one answer (or its begin) to the
 * end of the next request, and for reading that answer; positive
 * @param access who is answered
 */
public record HttpOptions(int maxHeadBytes, Duration idleTimeout, HttpAccess access) {

}
