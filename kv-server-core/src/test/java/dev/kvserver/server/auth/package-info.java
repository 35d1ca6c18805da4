@NullMarked
package dev.kvserver.server.auth;

import org.jspecify.annotations.NullMarked;
