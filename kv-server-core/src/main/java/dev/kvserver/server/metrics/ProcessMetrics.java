package dev.kvserver.server.metrics;

import java.lang.management.ManagementFactory;
import java.util.function.DoubleSupplier;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;

/**
 * Families about the process, which is the application's as much as the server's.
 */
final class ProcessMetrics {

	private static final double NANOS_PER_SECOND = 1e9;

	private static final double MILLIS_PER_SECOND = 1e3;

	private final MetricRegistry registry;

	private ProcessMetrics(MetricRegistry registry) {
		this.registry = registry;
	}

	static void register(MetricRegistry registry) {
		ProcessMetrics metrics = new ProcessMetrics(registry);
		metrics.time();
		metrics.memory();
		metrics.network();
		metrics.files();
	}

	private void time() {
		if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
			add("process_cpu_seconds_total", MetricType.COUNTER, "Total user and system CPU time spent in seconds.",
					() -> (double) system.getProcessCpuTime() / NANOS_PER_SECOND);
		}
		double start = (double) ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS_PER_SECOND;
		add("process_start_time_seconds", MetricType.GAUGE, "Start time of the process since unix epoch in seconds.",
				() -> start);
	}

	private void memory() {
		add("process_resident_memory_bytes", MetricType.GAUGE, "Resident memory size in bytes.",
				() -> ProcessFiles.statusBytes("VmRSS"));
		add("process_virtual_memory_bytes", MetricType.GAUGE, "Virtual memory size in bytes.",
				() -> ProcessFiles.statusBytes("VmSize"));
		add("process_virtual_memory_max_bytes", MetricType.GAUGE,
				"Maximum amount of virtual memory available in bytes.", ProcessFiles::addressSpaceMax);
	}

	private void network() {
		add("process_network_receive_bytes_total", MetricType.COUNTER,
				"Number of bytes received by the process over the network.", () -> ProcessFiles.network("InOctets"));
		add("process_network_transmit_bytes_total", MetricType.COUNTER,
				"Number of bytes sent by the process over the network.", () -> ProcessFiles.network("OutOctets"));
	}

	private void files() {
		if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
			add("process_open_fds", MetricType.GAUGE, "Number of open file descriptors.",
					() -> (double) system.getOpenFileDescriptorCount());
			add("process_max_fds", MetricType.GAUGE, "Maximum number of open file descriptors.",
					() -> (double) system.getMaxFileDescriptorCount());
			add("os_fd_used", MetricType.GAUGE, "The number of used file descriptors.",
					() -> (double) system.getOpenFileDescriptorCount());
			add("os_fd_limit", MetricType.GAUGE, "The file descriptor limit.",
					() -> (double) system.getMaxFileDescriptorCount());
		}
	}

	private void add(String name, MetricType type, String help, DoubleSupplier value) {
		this.registry.add(name, type, help, (sink) -> {
			double now = value.getAsDouble();
			if (!Double.isNaN(now)) {
				sink.add(now);
			}
		});
	}

}
