package dev.kvserver.server.http;

import java.util.List;
import java.util.concurrent.CompletionStage;

import dev.kvserver.proto.etcdserverpb.AlarmType;

/**
 * What {@code GET /health}, {@code /livez} and {@code /readyz} ask. Called on an event
 * loop: no method may block.
 */
public interface HealthCheck {

	/**
	 * The alarms that are raised.
	 * @return the alarms in the order in which they were raised, empty if there is none
	 */
	List<AlarmType> alarms();

	/**
	 * Whether the cluster has a leader.
	 * @return {@code true} if there is one
	 */
	boolean hasLeader();

	/**
	 * Tries to read a key, giving up before the server's request timeout.
	 * @param serializable whether a possibly stale read will do
	 * @return the text of the error, empty if the read went well
	 */
	CompletionStage<String> readError(boolean serializable);

}
