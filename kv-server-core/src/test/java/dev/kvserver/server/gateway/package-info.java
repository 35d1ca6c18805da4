/** Tests of the JSON gateway. */
@NullMarked
package dev.kvserver.server.gateway;

import org.jspecify.annotations.NullMarked;
