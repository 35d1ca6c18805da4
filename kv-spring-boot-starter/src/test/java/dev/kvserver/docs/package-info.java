/**
 * Holds the documents to what they claim.
 */
@NullMarked
package dev.kvserver.docs;

import org.jspecify.annotations.NullMarked;
