/**
 * Auto-configuration of the server: wiring only, no semantics.
 */
@NullMarked
package dev.kvserver.spring.boot;

import org.jspecify.annotations.NullMarked;
