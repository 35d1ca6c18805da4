/**
 * Two servers measured in turn, and the tables of how they compare.
 */
@NullMarked
package dev.kvserver.benchmarks.load.compare;

import org.jspecify.annotations.NullMarked;
