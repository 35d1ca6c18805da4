package dev.kvserver.server.http;

import org.jspecify.annotations.Nullable;

/**
 * Which paths are served besides the JSON gateway; the others are unknown.
 *
 * @param version {@code /version}
 * @param health {@code /health}, {@code /livez} and {@code /readyz}
 * @param metrics {@code /metrics}
 * @param metricsLevel how much it tells
 * @param openMetrics whether it answers in OpenMetrics to who prefers that, which etcd
 * does not
 * @param debugVars {@code /debug/vars}
 * @param pprof what is below {@code /debug/pprof/}
 * @param logLevels sets the level of {@code /config/local/log}; {@code null} for not
 * served
 */
public record HttpEndpoints(boolean version, boolean health, boolean metrics, MetricsLevel metricsLevel,
		boolean openMetrics, boolean debugVars, boolean pprof, @Nullable LogLevels logLevels) {

	/** As etcd. */
	public static final HttpEndpoints DEFAULTS = new HttpEndpoints(true, true, true, MetricsLevel.BASIC, false, true,
			false, null);

	/**
	 * The same with a log level that can be set.
	 * @param value sets it
	 * @return other endpoints
	 */
	public HttpEndpoints withLogLevels(LogLevels value) {
		return new HttpEndpoints(this.version, this.health, this.metrics, this.metricsLevel, this.openMetrics,
				this.debugVars, this.pprof, value);
	}

}
