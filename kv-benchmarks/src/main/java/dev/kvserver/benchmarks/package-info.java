/**
 * Benchmarks and the load driver.
 */
@NullMarked
package dev.kvserver.benchmarks;

import org.jspecify.annotations.NullMarked;
