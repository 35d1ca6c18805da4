/**
 * Fixtures for tests that need a server.
 */
@NullMarked
package dev.kvserver.spring.boot.test;

import org.jspecify.annotations.NullMarked;
