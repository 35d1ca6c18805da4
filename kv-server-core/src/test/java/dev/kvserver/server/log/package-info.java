/** Tests of the package, and what simulations need of it. */
@NullMarked
package dev.kvserver.server.log;

import org.jspecify.annotations.NullMarked;
