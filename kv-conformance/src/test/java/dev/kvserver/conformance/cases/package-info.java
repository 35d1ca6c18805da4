/**
 * Single cases, each played on a real etcd and on the candidate: what a random history
 * does not reach.
 */
@NullMarked
package dev.kvserver.conformance.cases;

import org.jspecify.annotations.NullMarked;
