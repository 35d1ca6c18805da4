package dev.kvserver.server.metrics;

import java.util.List;

/**
 * One number of a family.
 *
 * @param suffix what follows the family's name, such as {@code _bucket}; mostly empty
 * @param labels names and values in turn, by name, a histogram's {@code le} last
 * @param value the number
 */
public record Sample(String suffix, List<String> labels, double value) {

}
