@NullMarked
package dev.kvserver.server.coordination;

import org.jspecify.annotations.NullMarked;
