@NullMarked
package dev.kvserver.server.http;

import org.jspecify.annotations.NullMarked;
