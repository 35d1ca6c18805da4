package dev.kvserver.server.metrics;

/**
 * How long it takes to hand responses of watches over to the network.
 *
 * @param events responses with events
 * @param perEvent the same, for each of their events
 * @param control other answers
 * @param progress looks for idle watchers
 * @param previousReads how often what was there before an event was asked for
 */
public record WatchMetrics(Histogram events, Histogram perEvent, Histogram control, Histogram progress,
		Counter previousReads) {

	/**
	 * Makes the metrics of a watch loop.
	 * @return all at 0
	 */
	public static WatchMetrics create() {
		return new WatchMetrics(Durations.ofDisk(), Durations.ofDisk(), Durations.ofDisk(), Durations.ofDisk(),
				new Counter());
	}

	/**
	 * Notes responses with events that were handed over together.
	 * @param nanos the time each took
	 * @param responses how many there were
	 * @param eventCount how many events they had
	 */
	public void sent(long nanos, int responses, int eventCount) {
		this.events.observe(nanos, responses);
		this.perEvent.observe(nanos * responses / Math.max(1, eventCount), responses);
	}

	void register(MetricRegistry registry) {
		String prefix = "etcd_debugging_server_watch_send_loop_";
		registry.histogram(prefix + "watch_stream_duration_seconds",
				"The total duration in seconds of running through the send loop watch stream response all events.",
				this.events);
		registry.histogram(prefix + "watch_stream_duration_per_event_seconds",
				"The average duration in seconds of running through the send loop watch stream response, per event.",
				this.perEvent);
		registry.histogram(prefix + "control_stream_duration_seconds",
				"The total duration in seconds of running through the send loop control stream response.",
				this.control);
		registry.histogram(prefix + "progress_duration_seconds",
				"The total duration in seconds of running through the progress loop control stream response.",
				this.progress);
	}

}
