/**
 * Auto-configuration of the server and its properties: wiring only, no semantics.
 */
@NullMarked
package dev.kvserver.spring.boot.autoconfigure;

import org.jspecify.annotations.NullMarked;
