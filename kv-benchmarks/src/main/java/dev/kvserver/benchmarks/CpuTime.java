package dev.kvserver.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;

import com.sun.management.OperatingSystemMXBean;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * A profiler for JMH that reports the processor time of an operation, garbage collection
 * and all other threads included. Unlike the score it means something on a machine that
 * has other things to do: {@code -prof dev.kvserver.benchmarks.CpuTime}.
 */
public final class CpuTime implements InternalProfiler {

	private final OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

	private long startNanos;

	/**
	 * Made by JMH, by name.
	 */
	public CpuTime() {
	}

	@Override
	public String getDescription() {
		return "processor time of the whole process";
	}

	@Override
	public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
		this.startNanos = this.system.getProcessCpuTime();
	}

	@Override
	public Collection<? extends Result<?>> afterIteration(BenchmarkParams benchmark, IterationParams iteration,
			IterationResult result) {
		double nanos = this.system.getProcessCpuTime() - this.startNanos;
		long operations = Math.max(1, result.getMetadata().getAllOps());
		return List.of(new ScalarResult("cpu", nanos / operations, "ns/op", AggregationPolicy.AVG));
	}

}
