/**
 * Tests of the leases.
 */
@NullMarked
package dev.kvserver.server.lease;

import org.jspecify.annotations.NullMarked;
