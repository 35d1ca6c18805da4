package dev.kvserver.benchmarks.load.workload;

import java.lang.management.ManagementFactory;

import com.sun.management.OperatingSystemMXBean;
import dev.kvserver.benchmarks.load.process.ProcessUsage;

/**
 * What driver and server have used so far.
 *
 * @param clientCpuSeconds CPU time of this process
 * @param server what the server has used
 */
record Usage(double clientCpuSeconds, ProcessUsage server) {

	/** Reads both; the id of the server's process is 0 if it is not known. */
	static Usage read(long serverPid) {
		OperatingSystemMXBean own = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
		return new Usage(own.getProcessCpuTime() / 1e9, ProcessUsage.read(serverPid));
	}

}
