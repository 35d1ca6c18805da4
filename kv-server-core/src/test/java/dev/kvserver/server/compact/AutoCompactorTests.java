package dev.kvserver.server.compact;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.kvserver.proto.etcdserverpb.CompactionResponse;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.loop.ManualClock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Section 6.9: periodic and revision mode, on a clock moved by hand. */
class AutoCompactorTests implements Proposer {

	private final ManualClock clock = new ManualClock(0);

	private final List<Long> compactedAt = new ArrayList<>();

	private long revision = 1;

	private @Nullable EtcdException refusal;

	@Test
	void aPeriodCompactsAtTheRevisionOfOnePeriodAgo() {
		AutoCompactor compactor = compactor(new CompactionPolicy.Periodic(Duration.ofMinutes(10)));
		pass(compactor, Duration.ofMinutes(9));
		assertThat(this.compactedAt).isEmpty();
		pass(compactor, Duration.ofMinutes(21));
		assertThat(this.compactedAt).containsExactly(1L, 11L, 21L);
	}

	@Test
	void aLongPeriodCompactsHourly() {
		AutoCompactor compactor = compactor(new CompactionPolicy.Periodic(Duration.ofHours(3)));
		pass(compactor, Duration.ofMinutes(179));
		assertThat(this.compactedAt).isEmpty();
		pass(compactor, Duration.ofMinutes(121));
		assertThat(this.compactedAt).containsExactly(1L, 61L, 121L);
	}

	@Test
	void revisionsAreKeptByNumber() {
		AutoCompactor compactor = compactor(new CompactionPolicy.Revisions(12));
		pass(compactor, Duration.ofMinutes(14));
		assertThat(this.compactedAt).isEmpty();
		pass(compactor, Duration.ofMinutes(6));
		assertThat(this.compactedAt).containsExactly(4L, 9L);
	}

	@Test
	void withoutNewRevisionsNothingIsCompactedTwice() {
		this.revision = 100;
		AutoCompactor compactor = compactor(new CompactionPolicy.Revisions(10));
		for (int i = 0; i < 5; i++) {
			this.clock.advance(Duration.ofMinutes(5));
			compactor.doWork();
		}
		assertThat(this.compactedAt).containsExactly(90L);
	}

	@Test
	void aFailureIsTriedAgainAtTheNextLook() {
		AutoCompactor compactor = compactor(new CompactionPolicy.Periodic(Duration.ofMinutes(10)));
		this.refusal = EtcdError.STOPPED.exception();
		pass(compactor, Duration.ofMinutes(11));
		assertThat(this.compactedAt).containsExactly(1L, 2L);
		this.refusal = null;
		pass(compactor, Duration.ofMinutes(2));
		assertThat(this.compactedAt).containsExactly(1L, 2L, 3L);
	}

	@Test
	void whatIsCompactedAlreadyCounts() {
		AutoCompactor compactor = compactor(new CompactionPolicy.Revisions(1));
		this.refusal = EtcdError.COMPACTED.exception();
		this.revision = 50;
		for (int i = 0; i < 3; i++) {
			this.clock.advance(Duration.ofMinutes(5));
			compactor.doWork();
		}
		assertThat(this.compactedAt).containsExactly(49L);
	}

	private AutoCompactor compactor(CompactionPolicy policy) {
		return new AutoCompactor(policy, () -> this.revision, this, this.clock);
	}

	/** One revision a minute. */
	private void pass(AutoCompactor compactor, Duration time) {
		for (long minute = 0; minute < time.toMinutes(); minute++) {
			this.clock.advance(Duration.ofMinutes(1));
			this.revision++;
			while (compactor.doWork() > 0) {
				// Until it has nothing to do.
			}
			assertThat(compactor.idleNanos()).isPositive();
		}
	}

	@Override
	public void propose(InternalRaftRequest request, Completion completion) {
		this.compactedAt.add(request.getCompaction().getRevision());
		if (this.refusal != null) {
			completion.failed(this.refusal);
		}
		else {
			completion.done(CompactionResponse.getDefaultInstance());
		}
	}

}
