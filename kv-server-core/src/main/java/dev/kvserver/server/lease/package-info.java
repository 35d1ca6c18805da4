/**
 * Grants, attachments and the order of expiry.
 */
@NullMarked
package dev.kvserver.server.lease;

import org.jspecify.annotations.NullMarked;
