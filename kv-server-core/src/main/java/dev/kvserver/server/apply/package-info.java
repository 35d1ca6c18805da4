/**
 * The one writer: committed requests in, revisions out.
 */
@NullMarked
package dev.kvserver.server.apply;

import org.jspecify.annotations.NullMarked;
