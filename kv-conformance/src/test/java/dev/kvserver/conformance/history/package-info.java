/**
 * Random histories of requests, the same for the same seed and the same answers.
 */
@NullMarked
package dev.kvserver.conformance.history;

import org.jspecify.annotations.NullMarked;
