/**
 * One history on two servers, and every difference between their answers.
 */
@NullMarked
package dev.kvserver.conformance.differential;

import org.jspecify.annotations.NullMarked;
