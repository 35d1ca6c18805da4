/**
 * Auto-configuration of the health contributor.
 */
@NullMarked
package dev.kvserver.spring.boot.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
