@NullMarked
package dev.kvserver.server.port;

import org.jspecify.annotations.NullMarked;
