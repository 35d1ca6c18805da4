/** Tests of the package, and what simulations need of it. */
@NullMarked
package dev.kvserver.server.storage;

import org.jspecify.annotations.NullMarked;
