package dev.kvserver.server.log;

import java.util.List;
import java.util.TreeSet;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.StorageException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The loop over a log whose disk fails: what was answered is kept, the rest refused. */
class LogLoopDurabilityTests {

	private SimulatedDisk disk = LogFixture.newDisk();

	/** The numbers of the requests answered with success, and with a refusal. */
	private final TreeSet<Long> done = new TreeSet<>();

	private final TreeSet<Long> refused = new TreeSet<>();

	private long proposed;

	@Test
	void waitingProposalsShareOneSync() throws Exception {
		LogLoop loop = loop(open(true));
		int forces = this.disk.forces();
		propose(loop, 6);
		assertThat(this.done).isEmpty();
		loop.doWork();
		assertThat(this.done).hasSize(6);
		assertThat(this.disk.forces()).isEqualTo(forces + 1);
	}

	@Test
	void failingSyncRefusesItsBatchAndEverythingAfterIt() throws Exception {
		LogLoop loop = loop(open(true));
		propose(loop, 3);
		loop.doWork();
		propose(loop, 3);
		this.disk.failAt(this.disk.calls() + 2);
		assertThatThrownBy(loop::doWork).isInstanceOf(StorageException.class)
			.hasMessageContaining("syncing")
			.hasMessageContaining("Input/output error");
		propose(loop, 1);
		assertThat(this.done).containsExactly(1L, 2L, 3L);
		assertThat(this.refused).containsExactly(4L, 5L, 6L, 7L);
		restartAndCheck();
	}

	@Test
	void fullDiskRefusesAndARestartWorksOnceThereIsSpace() throws Exception {
		LogLoop loop = loop(open(true));
		this.disk.fillUpAt(3 * LogFixture.SEGMENT_BYTES);
		boolean full = false;
		while (!full) {
			propose(loop, 2);
			try {
				loop.doWork();
			}
			catch (StorageException ex) {
				assertThat(ex).hasMessageContaining("No space left");
				full = true;
			}
		}
		propose(loop, 1);
		assertThat(this.refused).hasSize(3);
		restartAndCheck();
	}

	private void restartAndCheck() throws Exception {
		this.disk = this.disk.afterKill();
		SegmentLog log = open(false);
		List<LogEntry> entries = LogFixture.replay(log, 0);
		assertThat(entries.size()).isGreaterThanOrEqualTo(this.done.size());
		for (long number : this.done) {
			assertThat(entries.get((int) number - 1).request()).isEqualTo(LogFixture.request(number));
		}
		this.proposed = log.lastIndex();
		int before = this.done.size();
		LogLoop loop = loop(log);
		propose(loop, 2);
		loop.doWork();
		assertThat(this.done.size()).isGreaterThan(before);
	}

	private SegmentLog open(boolean fresh) {
		return LogFixture.open(this.disk, fresh);
	}

	/** Applies by answering, on the spot. */
	private LogLoop loop(SegmentLog log) {
		return new LogLoop(log, (batch) -> {
			for (LogEntry entry : batch) {
				Completion completion = entry.completion();
				assertThat(completion).isNotNull();
				if (completion != null) {
					completion.done(PutResponse.getDefaultInstance());
				}
			}
		}, () -> log.lastIndex(), LogLimits.DEFAULTS);
	}

	private void propose(LogLoop loop, int count) {
		for (int i = 0; i < count; i++) {
			this.proposed++;
			long number = this.proposed;
			loop.propose(LogFixture.request(number), new Completion() {

				@Override
				public void done(Message response) {
					LogLoopDurabilityTests.this.done.add(number);
				}

				@Override
				public void failed(Throwable failure) {
					assertThat(failure).isSameAs(EtcdError.STOPPED.exception());
					LogLoopDurabilityTests.this.refused.add(number);
				}

			});
		}
	}

}
