/**
 * Processes of the operating system: what they use, how they are started and ended.
 */
@NullMarked
package dev.kvserver.benchmarks.load.process;

import org.jspecify.annotations.NullMarked;
