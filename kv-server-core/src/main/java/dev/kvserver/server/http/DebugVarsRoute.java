package dev.kvserver.server.http;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import com.google.protobuf.ByteString;
import com.sun.management.UnixOperatingSystemMXBean;

/**
 * {@code GET /debug/vars} (etcd-contract section 4.4): how the process was started, its
 * memory, and where the log is. Of Go's numbers about memory there are those that a JVM
 * has.
 */
public final class DebugVarsRoute {

	private DebugVarsRoute() {
	}

	/**
	 * Makes the route.
	 * @param raftStatus the state of the log as a JSON object, asked on every request;
	 * must not block
	 * @return the route
	 */
	public static HttpRoute of(Supplier<String> raftStatus) {
		return HttpRoute.get("/debug/vars",
				(query) -> CompletableFuture
					.completedFuture(new HttpAnswer(200, Map.of("Content-Type", "application/json; charset=utf-8"),
							ByteString.copyFromUtf8(variables(raftStatus.get())))));
	}

	private static String variables(String raftStatus) {
		List<String> words = CommandLine.ofThisProcess();
		String commandLine = words.stream().map(Json::quote).collect(Collectors.joining(",", "[", "]"));
		return "{\n\"cmdline\": " + commandLine + ",\n\"file_descriptor_limit\": " + descriptorLimit()
				+ ",\n\"memstats\": " + memory() + ",\n\"raft.status\": " + raftStatus + "\n}\n";
	}

	private static long descriptorLimit() {
		return (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system)
				? system.getMaxFileDescriptorCount() : 0;
	}

	private static String memory() {
		MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
		MemoryUsage other = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage();
		long collections = 0;
		long pauseMillis = 0;
		for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
			collections += Math.max(0, collector.getCollectionCount());
			pauseMillis += Math.max(0, collector.getCollectionTime());
		}
		Map<String, Object> numbers = new LinkedHashMap<>();
		numbers.put("Alloc", heap.getUsed());
		numbers.put("Sys", heap.getCommitted() + other.getCommitted());
		numbers.put("HeapAlloc", heap.getUsed());
		numbers.put("HeapSys", heap.getCommitted());
		numbers.put("HeapIdle", heap.getCommitted() - heap.getUsed());
		numbers.put("HeapInuse", heap.getUsed());
		numbers.put("OtherSys", other.getCommitted());
		numbers.put("PauseTotalNs", TimeUnit.MILLISECONDS.toNanos(pauseMillis));
		numbers.put("NumGC", collections);
		numbers.put("EnableGC", true);
		return numbers.entrySet()
			.stream()
			.map((number) -> Json.quote(number.getKey()) + ':' + number.getValue())
			.collect(Collectors.joining(",", "{", "}"));
	}

}
