/**
 * What the protocol promises, checked against the generated descriptors.
 */
@NullMarked
package dev.kvserver.proto;

import org.jspecify.annotations.NullMarked;
