package dev.kvserver.server.metrics;

import java.util.List;

/**
 * All numbers of one name, as of one moment.
 *
 * @param name the name
 * @param type what kind of numbers
 * @param help what they mean
 * @param samples the numbers; none as long as there is no value of its labels
 */
public record MetricFamily(String name, MetricType type, String help, List<Sample> samples) {

}
