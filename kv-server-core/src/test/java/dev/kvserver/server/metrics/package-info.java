/** Tests of the metrics. */
@NullMarked
package dev.kvserver.server.metrics;

import org.jspecify.annotations.NullMarked;
