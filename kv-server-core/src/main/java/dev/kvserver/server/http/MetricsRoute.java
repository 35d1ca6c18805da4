package dev.kvserver.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.zip.GZIPOutputStream;

import com.google.protobuf.ByteString;
import dev.kvserver.server.metrics.MetricRegistry;
import dev.kvserver.server.metrics.ScrapeMetrics;
import dev.kvserver.server.metrics.TextFormat;

/**
 * {@code /metrics}, by any method (etcd-contract section 4.4).
 */
public final class MetricsRoute {

	private final MetricRegistry registry;

	private final ScrapeMetrics scrapes;

	private final boolean openMetrics;

	private final Executor executor;

	private MetricsRoute(MetricRegistry registry, ScrapeMetrics scrapes, boolean openMetrics, Executor executor) {
		this.registry = registry;
		this.scrapes = scrapes;
		this.openMetrics = openMetrics;
		this.executor = executor;
	}

	/**
	 * Makes the route.
	 * @param registry what is told
	 * @param scrapes count the requests
	 * @param openMetrics whether OpenMetrics is offered
	 * @param executor gathers and writes; may refuse by
	 * {@code RejectedExecutionException}
	 * @return the route
	 */
	public static HttpRoute of(MetricRegistry registry, ScrapeMetrics scrapes, boolean openMetrics, Executor executor) {
		return HttpRoute.any("/metrics", new MetricsRoute(registry, scrapes, openMetrics, executor)::answer);
	}

	private CompletionStage<HttpAnswer> answer(HttpQuery query) {
		this.scrapes.inFlight().increment();
		try {
			return CompletableFuture.supplyAsync(() -> gather(query), this.executor).whenComplete(this::ended);
		}
		catch (RejectedExecutionException ex) {
			this.scrapes.inFlight().add(-1);
			this.scrapes.refused().increment();
			return CompletableFuture.completedFuture(HttpAnswer.error(503, "too many requests"));
		}
	}

	private void ended(HttpAnswer answer, Throwable failure) {
		this.scrapes.inFlight().add(-1);
		((failure == null) ? this.scrapes.answered() : this.scrapes.failed()).increment();
	}

	private HttpAnswer gather(HttpQuery query) {
		boolean open = this.openMetrics && query.header("accept").contains("application/openmetrics-text");
		TextFormat format = open ? TextFormat.OPEN_METRICS : TextFormat.PROMETHEUS;
		ByteString text = ByteString.copyFromUtf8(format.write(this.registry.gather()));
		HttpAnswer plain = new HttpAnswer(200, Map.of("Content-Type", format.contentType()), text);
		if (!takesGzip(query.header("accept-encoding"))) {
			return plain;
		}
		return new HttpAnswer(200, plain.headers(), zipped(text)).with("Content-Encoding", "gzip");
	}

	private static boolean takesGzip(String accepted) {
		for (String coding : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
			String[] parts = coding.trim().split("\\s*;\\s*", -1);
			if (parts[0].equals("gzip")) {
				return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
			}
		}
		return false;
	}

	private static ByteString zipped(ByteString text) {
		ByteString.Output zipped = ByteString.newOutput();
		try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
			text.writeTo(zip);
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Memory cannot fail to be written", ex);
		}
		return zipped.toByteString();
	}

}
