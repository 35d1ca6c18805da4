/**
 * House rules that no compiler checks, for the sources of every module.
 */
@NullMarked
package dev.kvserver.tidy;

import org.jspecify.annotations.NullMarked;
