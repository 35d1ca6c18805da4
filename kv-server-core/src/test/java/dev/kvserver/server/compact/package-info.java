@NullMarked
package dev.kvserver.server.compact;

import org.jspecify.annotations.NullMarked;
