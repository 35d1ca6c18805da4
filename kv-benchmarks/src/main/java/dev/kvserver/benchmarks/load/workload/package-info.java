/**
 * The operations that are measured, what is checked of their answers, and the engine that
 * runs them.
 */
@NullMarked
package dev.kvserver.benchmarks.load.workload;

import org.jspecify.annotations.NullMarked;
