package dev.kvserver.server.metrics;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.function.ToLongFunction;

/**
 * Families about the runtime: Go's where a JVM has something to say about them, and those
 * that Java programs usually have.
 */
final class JvmMetrics {

	private static final double MILLIS_PER_SECOND = 1e3;

	private final MetricRegistry registry;

	private JvmMetrics(MetricRegistry registry) {
		this.registry = registry;
	}

	static void register(MetricRegistry registry) {
		JvmMetrics metrics = new JvmMetrics(registry);
		metrics.go();
		metrics.goMemory();
		metrics.memory();
		metrics.threads();
		metrics.collections();
		metrics.info();
	}

	private void go() {
		this.registry.gauge("go_goroutines", "Number of goroutines that currently exist.",
				() -> ManagementFactory.getThreadMXBean().getThreadCount());
		this.registry.add("go_threads", MetricType.GAUGE, "Number of OS threads created.", (sink) -> {
			double threads = ProcessFiles.threads();
			if (!Double.isNaN(threads)) {
				sink.add(threads);
			}
		});
		this.registry.add("go_info", MetricType.GAUGE, "Information about the Go environment.",
				(sink) -> sink.add(1, "version", "java" + Runtime.version()));
		this.registry.gauge("go_sched_gomaxprocs_threads",
				"The current runtime.GOMAXPROCS setting, or the number of operating system threads that can execute "
						+ "user-level Go code simultaneously. Sourced from /sched/gomaxprocs:threads.",
				() -> Runtime.getRuntime().availableProcessors());
		this.registry.add("go_gc_duration_seconds", MetricType.SUMMARY,
				"A summary of the wall-time pause (stop-the-world) duration in garbage collection cycles.",
				(sink) -> sink.addSum(
						(double) collections(GarbageCollectorMXBean::getCollectionTime) / MILLIS_PER_SECOND,
						collections(GarbageCollectorMXBean::getCollectionCount)));
	}

	private static long collections(ToLongFunction<GarbageCollectorMXBean> number) {
		long sum = 0;
		for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
			sum += Math.max(0, number.applyAsLong(collector));
		}
		return sum;
	}

	private void goMemory() {
		goMemory("alloc_bytes", "Number of bytes allocated in heap and currently in use. Equals to "
				+ "/memory/classes/heap/objects:bytes.", MemoryUsage::getUsed);
		goMemory("heap_alloc_bytes",
				"Number of heap bytes allocated and currently in use, same as "
						+ "go_memstats_alloc_bytes. Equals to /memory/classes/heap/objects:bytes.",
				MemoryUsage::getUsed);
		goMemory("heap_inuse_bytes",
				"Number of heap bytes that are in use. Equals to "
						+ "/memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes",
				MemoryUsage::getUsed);
		goMemory("heap_idle_bytes",
				"Number of heap bytes waiting to be used. Equals to "
						+ "/memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.",
				(usage) -> usage.getCommitted() - usage.getUsed());
		goMemory("heap_sys_bytes",
				"Number of heap bytes obtained from system. Equals to "
						+ "/memory/classes/heap/objects:bytes + /memory/classes/heap/unused:bytes + "
						+ "/memory/classes/heap/released:bytes + /memory/classes/heap/free:bytes.",
				MemoryUsage::getCommitted);
	}

	private void goMemory(String name, String help, ToLongFunction<MemoryUsage> number) {
		this.registry.gauge("go_memstats_" + name, help,
				() -> number.applyAsLong(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage()));
	}

	private void memory() {
		memory("jvm_memory_used_bytes", "Used bytes of a given JVM memory area.", MemoryUsage::getUsed);
		memory("jvm_memory_committed_bytes", "Committed (bytes) of a given JVM memory area.",
				MemoryUsage::getCommitted);
		memory("jvm_memory_max_bytes", "Max (bytes) of a given JVM memory area.", MemoryUsage::getMax);
		this.registry.add("jvm_buffer_pool_used_bytes", MetricType.GAUGE, "Used bytes of a given JVM buffer pool.",
				(sink) -> {
					for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
						sink.add(pool.getMemoryUsed(), "pool", pool.getName());
					}
				});
	}

	private void memory(String name, String help, ToLongFunction<MemoryUsage> number) {
		this.registry.add(name, MetricType.GAUGE, help, (sink) -> {
			sink.add(number.applyAsLong(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage()), "area", "heap");
			sink.add(number.applyAsLong(ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage()), "area",
					"nonheap");
		});
	}

	private void threads() {
		this.registry.gauge("jvm_threads_current", "Current thread count of a JVM",
				() -> ManagementFactory.getThreadMXBean().getThreadCount());
		this.registry.gauge("jvm_threads_daemon", "Daemon thread count of a JVM",
				() -> ManagementFactory.getThreadMXBean().getDaemonThreadCount());
		this.registry.gauge("jvm_threads_peak", "Peak thread count of a JVM",
				() -> ManagementFactory.getThreadMXBean().getPeakThreadCount());
		this.registry.counter("jvm_threads_started_total", "Started thread count of a JVM",
				() -> ManagementFactory.getThreadMXBean().getTotalStartedThreadCount());
	}

	private void collections() {
		this.registry.add("jvm_gc_collection_seconds", MetricType.SUMMARY,
				"Time spent in a given JVM garbage collector in seconds.", (sink) -> {
					for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
						sink.addSum((double) Math.max(0, collector.getCollectionTime()) / MILLIS_PER_SECOND,
								Math.max(0, collector.getCollectionCount()), "gc", collector.getName());
					}
				});
	}

	private void info() {
		this.registry.gauge("jvm_classes_currently_loaded",
				"The number of classes that are currently loaded in the JVM",
				() -> ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
		this.registry.add("jvm_info", MetricType.GAUGE, "VM version info",
				(sink) -> sink.add(1, "runtime", property("java.runtime.name"), "vendor", property("java.vm.vendor"),
						"version", property("java.runtime.version")));
	}

	private static String property(String name) {
		String value = System.getProperty(name);
		return (value != null) ? value : "unknown";
	}

}
