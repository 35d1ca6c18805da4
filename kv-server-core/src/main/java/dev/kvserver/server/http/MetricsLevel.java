package dev.kvserver.server.http;

/** How much the metrics tell (etcd: {@code --metrics}). */
public enum MetricsLevel {

	/** All families but one. */
	BASIC,
	/** How long the calls of each method take, too. */
	EXTENSIVE

}
