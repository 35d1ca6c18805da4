package dev.kvserver.server.compact;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;
import dev.kvserver.server.loop.Agent;
import dev.kvserver.server.loop.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts by a policy, on a thread of its own, as any client could. Looks at the clock
 * and at the revision only; answers to etcd's {@code v3compactor}.
 *
 * <pre>
 *   periodic    the revision is noted ten times per interval, which is the period, or an
 *               hour if that is shorter; once per interval, and not before the first
 *               period is over, the revision noted a period ago is compacted at
 *   revisions   every five minutes, at the current revision less those to keep
 * </pre>
 *
 * What fails is tried again at the next look.
 */
public final class AutoCompactor implements Agent {

	private static final Logger logger = LoggerFactory.getLogger(AutoCompactor.class);

	private static final Duration INTERVAL_MAX = Duration.ofHours(1);

	private static final Duration REVISIONS_INTERVAL = Duration.ofMinutes(5);

	private static final int LOOKS_PER_INTERVAL = 10;

	private final LongSupplier revision;

	private final Proposer proposer;

	private final Clock clock;

	private final CompactionPolicy policy;

	private final long lookNanos;

	/** Periodic: revisions noted in the last period, oldest first. */
	private final Deque<Long> noted = new ArrayDeque<>();

	private long nextLookNanos;

	/** Periodic: not before this is compacted again. */
	private long notBeforeNanos;

	/* Written by the thread that answers. */

	private volatile long compacted;

	private volatile boolean failed;

	/**
	 * Makes the agent.
	 * @param policy what to keep
	 * @param revision answers the current revision; any thread
	 * @param proposer the way into the log
	 * @param clock the time
	 */
	public AutoCompactor(CompactionPolicy policy, LongSupplier revision, Proposer proposer, Clock clock) {
		this.policy = policy;
		this.revision = revision;
		this.proposer = proposer;
		this.clock = clock;
		long now = clock.nanoTime();
		if (policy instanceof CompactionPolicy.Periodic periodic) {
			this.lookNanos = interval(periodic).toNanos() / LOOKS_PER_INTERVAL;
			this.notBeforeNanos = now + periodic.retention().toNanos();
			this.noted.add(revision.getAsLong());
		}
		else {
			this.lookNanos = REVISIONS_INTERVAL.toNanos();
		}
		this.nextLookNanos = now + this.lookNanos;
	}

	private static Duration interval(CompactionPolicy.Periodic periodic) {
		return (periodic.retention().compareTo(INTERVAL_MAX) < 0) ? periodic.retention() : INTERVAL_MAX;
	}

	@Override
	public int doWork() {
		long now = this.clock.nanoTime();
		if (now - this.nextLookNanos < 0) {
			return 0;
		}
		this.nextLookNanos = now + this.lookNanos;
		if (this.policy instanceof CompactionPolicy.Periodic periodic) {
			look(periodic, now);
		}
		else if (this.policy instanceof CompactionPolicy.Revisions revisions) {
			compact(this.revision.getAsLong() - revisions.retention());
		}
		return 1;
	}

	private void look(CompactionPolicy.Periodic periodic, long now) {
		long oldest = this.noted.getFirst();
		if ((this.failed || now - this.notBeforeNanos >= 0) && oldest != this.compacted) {
			this.notBeforeNanos = now + interval(periodic).toNanos();
			compact(oldest);
		}
		this.noted.add(this.revision.getAsLong());
		if (this.noted.size() > periodic.retention().toNanos() / this.lookNanos) {
			this.noted.remove();
		}
	}

	private void compact(long at) {
		if (at <= 0 || at == this.compacted) {
			return;
		}
		this.failed = false;
		CompactionRequest request = CompactionRequest.newBuilder().setRevision(at).build();
		this.proposer.propose(InternalRaftRequest.newBuilder().setCompaction(request).build(), new Outcome(at));
	}

	@Override
	public long idleNanos() {
		return Math.max(1, this.nextLookNanos - this.clock.nanoTime());
	}

	/** Notes a success; being compacted already is one, too. */
	private final class Outcome implements Completion {

		private final long at;

		Outcome(long at) {
			this.at = at;
		}

		@Override
		public void done(Message response) {
			AutoCompactor.this.compacted = this.at;
			logger.info("Compacted at revision {}", this.at);
		}

		@Override
		public void failed(Throwable failure) {
			if (failure instanceof EtcdException refusal && refusal.error() == EtcdError.COMPACTED) {
				AutoCompactor.this.compacted = this.at;
			}
			else {
				AutoCompactor.this.failed = true;
				logger.warn("Compacting at revision {} has failed and will be tried again", this.at, failure);
			}
		}

	}

}
