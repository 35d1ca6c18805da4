/**
 * A Spring Boot application with a server inside.
 */
@NullMarked
package dev.kvserver.sample;

import org.jspecify.annotations.NullMarked;
