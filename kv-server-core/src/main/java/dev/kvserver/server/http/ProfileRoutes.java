package dev.kvserver.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import jdk.jfr.Configuration;
import jdk.jfr.Recording;

import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What a JVM has in place of Go's pages below {@code /debug/pprof/}: a dump of all
 * threads, a histogram of the heap, and a recording of Java Flight Recorder. They take
 * time and tell much about the application, so one is made at a time, and only where it
 * was asked for.
 */
public final class ProfileRoutes {

	private static final String PREFIX = "/debug/pprof/";

	private static final int SECONDS_DEFAULT = 30;

	private static final int SECONDS_MAX = 300;

	/**
	 * Of a recording only the newest part is kept, since it is answered out of memory.
	 */
	private static final long RECORDING_BYTES_MAX = 64L << 20;

	private static final String INDEX = """
			<html><head><title>/debug/pprof/</title></head><body>
			<ul>
			<li><a href="goroutine">goroutine</a>: all threads</li>
			<li><a href="heap">heap</a>: a histogram of the heap</li>
			<li><a href="profile">profile</a>: a recording of Java Flight Recorder, ?seconds=30</li>
			<li><a href="cmdline">cmdline</a>: how the process was started</li>
			</ul></body></html>
			""";

	private final Executor executor;

	private final AtomicBoolean busy = new AtomicBoolean();

	private ProfileRoutes(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Makes the routes.
	 * @param executor makes the answers; may refuse by {@code RejectedExecutionException}
	 * @return the routes
	 */
	public static List<HttpRoute> of(Executor executor) {
		ProfileRoutes routes = new ProfileRoutes(executor);
		return List.of(HttpRoute.any(PREFIX, (query) -> now(typed("text/html; charset=utf-8", INDEX))),
				HttpRoute.any(PREFIX + "cmdline",
						(query) -> now(HttpAnswer.text(200, String.join("\0", CommandLine.ofThisProcess())))),
				HttpRoute.any(PREFIX + "goroutine", (query) -> routes.diagnose("threadPrint")),
				HttpRoute.any(PREFIX + "heap", routes::heap), HttpRoute.any(PREFIX + "profile", routes::profile));
	}

	private static CompletionStage<HttpAnswer> now(HttpAnswer answer) {
		return CompletableFuture.completedFuture(answer);
	}

	private static HttpAnswer typed(String type, String body) {
		return new HttpAnswer(200, Map.of("Content-Type", type), ByteString.copyFromUtf8(body));
	}

	/** Also what is garbage, unless it is to be collected before. */
	private CompletionStage<HttpAnswer> heap(HttpQuery query) {
		boolean collect = query.first("gc").equals("1");
		return collect ? diagnose("gcClassHistogram") : diagnose("gcClassHistogram", "-all");
	}

	private CompletionStage<HttpAnswer> diagnose(String command, String... options) {
		return alone(
				() -> CompletableFuture.supplyAsync(() -> HttpAnswer.text(200, run(command, options)), this.executor));
	}

	private static String run(String command, String[] options) {
		try {
			Object[] arguments = { options };
			String[] signature = { String[].class.getName() };
			return (String) ManagementFactory.getPlatformMBeanServer()
				.invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), command, arguments, signature);
		}
		catch (JMException ex) {
			throw new IllegalStateException("this JVM cannot do " + command, ex);
		}
	}

	private CompletionStage<HttpAnswer> profile(HttpQuery query) {
		int seconds = seconds(query.first("seconds"));
		if (seconds < 0) {
			return now(HttpAnswer.error(400, "seconds: a number from 1 to " + SECONDS_MAX + " is expected"));
		}
		return alone(() -> CompletableFuture.supplyAsync(ProfileRoutes::startRecording, this.executor)
			.thenCompose((recording) -> CompletableFuture.supplyAsync(() -> end(recording),
					CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS, this::executeInAnyCase))));
	}

	/** What was begun is ended, even if the executor has too much to do, or is gone. */
	private void executeInAnyCase(Runnable task) {
		try {
			this.executor.execute(task);
		}
		catch (RejectedExecutionException ex) {
			task.run();
		}
	}

	private static int seconds(String text) {
		if (text.isEmpty()) {
			return SECONDS_DEFAULT;
		}
		boolean valid = text.matches("[1-9]\\d{0,2}") && Integer.parseInt(text) <= SECONDS_MAX;
		return valid ? Integer.parseInt(text) : -1;
	}

	/** Whoever comes meanwhile is sent away. */
	private CompletionStage<HttpAnswer> alone(Supplier<CompletableFuture<HttpAnswer>> work) {
		if (!this.busy.compareAndSet(false, true)) {
			return now(HttpAnswer.error(503, "another profile is being made"));
		}
		try {
			return work.get().whenComplete((answer, failure) -> this.busy.set(false));
		}
		catch (RejectedExecutionException ex) {
			this.busy.set(false);
			return now(HttpAnswer.error(503, "too many requests"));
		}
	}

	private static Recording startRecording() {
		try {
			Recording recording = new Recording(Configuration.getConfiguration("profile"));
			recording.setMaxSize(RECORDING_BYTES_MAX);
			recording.start();
			return recording;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (ParseException ex) {
			throw new IllegalStateException("the JDK's own settings", ex);
		}
	}

	private static HttpAnswer end(Recording recording) {
		try (recording) {
			recording.stop();
			Path file = Files.createTempFile("profile", ".jfr");
			try {
				recording.dump(file);
				return new HttpAnswer(200, Map.of("Content-Type", "application/octet-stream", "Content-Disposition",
						"attachment; filename=\"profile.jfr\""), ByteString.copyFrom(Files.readAllBytes(file)));
			}
			finally {
				Files.delete(file);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
