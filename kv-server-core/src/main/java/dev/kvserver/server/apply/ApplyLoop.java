package dev.kvserver.server.apply;

import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

import com.google.protobuf.Message;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.CommitSink;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.LogEntry;
import dev.kvserver.server.log.RequestKind;
import dev.kvserver.server.loop.Agent;
import dev.kvserver.server.metrics.ApplyMetrics;
import dev.kvserver.server.metrics.Histogram;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.StoreView;
import org.jspecify.annotations.Nullable;

/**
 * The one writer. It takes committed entries batch by batch, carries them out in order,
 * makes all of a batch readable at once, tells the watchers, and only then answers: a
 * caller that has its answer can read its write, and nobody reads what is not durable.
 * <p>
 * Between batches it removes, in bounded bites, what compaction freed.
 */
public final class ApplyLoop implements Agent, CommitSink {

	private static final int BATCHES_WAITING_MAX = 64;

	private final BlockingQueue<List<LogEntry>> committed = new ArrayBlockingQueue<>(BATCHES_WAITING_MAX);

	private final MvccStore store;

	private final Lessor lessor;

	private final AuthStore auth;

	private final Applier applier;

	private final ResponseHeaders headers;

	private final ApplyMetrics metrics = ApplyMetrics.create(RequestKind.names());

	private EventSink events = (view, batches) -> {
	};

	private Runnable wakeUp = () -> {
	};

	private volatile boolean ended;

	/** The entry that is being applied. */
	private long applyingIndex;

	/**
	 * Makes the loop.
	 * @param state what it changes, owned by the thread that runs this loop
	 * @param clusterId the cluster id in every answer
	 * @param memberId the member id in every answer
	 */
	public ApplyLoop(ServerState state, long clusterId, long memberId) {
		this.store = state.store();
		this.lessor = state.lessor();
		this.auth = state.auth();
		AuthRequests authRequests = new AuthRequests(this.store, this.auth, () -> this.applyingIndex);
		this.applier = new AlarmApplier(state.alarms(),
				new AuthApplier(this.auth, this.lessor, new BackendApplier(state, authRequests)));
		this.headers = new ResponseHeaders(clusterId, memberId);
	}

	/**
	 * Sets who is told what has happened. After replay and before the first entry.
	 * @param events the receiver
	 */
	public void publishTo(EventSink events) {
		this.events = events;
	}

	/**
	 * Sets what wakes the thread that runs this loop. Before the first entry.
	 * @param wakeUp called after entries were handed over
	 */
	public void onCommitted(Runnable wakeUp) {
		this.wakeUp = wakeUp;
	}

	@Override
	public void committed(List<LogEntry> batch) {
		boolean interrupted = false;
		while (!this.ended) {
			try {
				this.committed.put(batch);
				break;
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
		this.wakeUp.run();
		if (this.ended) {
			refuseWaiting();
		}
	}

	@Override
	public int doWork() {
		List<LogEntry> batch = this.committed.poll();
		if (batch != null) {
			apply(batch);
		}
		if (this.store.isCompacting()) {
			compactSome();
			return 1;
		}
		return (batch != null) ? batch.size() : 0;
	}

	/**
	 * Applies entries at once, on the calling thread: replay at start, and simulations.
	 * @param batch at least one entry, in order
	 */
	public void apply(List<LogEntry> batch) {
		Object[] outcomes = new Object[batch.size()];
		try {
			for (int i = 0; i < outcomes.length; i++) {
				outcomes[i] = apply(batch.get(i));
			}
			LogEntry last = batch.get(outcomes.length - 1);
			publish(last.index(), last.term());
		}
		catch (Throwable ex) {
			refuse(batch);
			throw ex;
		}
		for (int i = 0; i < outcomes.length; i++) {
			answer(batch.get(i), outcomes[i]);
		}
	}

	/** The answer's builder, the client's error, or null for a later answer. */
	private @Nullable Object apply(LogEntry entry) {
		if (entry.index() <= this.store.view().appliedIndex()) {
			return null;
		}
		this.applyingIndex = entry.index();
		long begin = Histogram.begin();
		try {
			Object response = this.applier.apply(entry.request(), lateAnswer(entry));
			note(entry, true, begin);
			return response;
		}
		catch (EtcdException ex) {
			note(entry, ex.error() == EtcdError.COMPACTED, begin);
			return ex;
		}
	}

	private void note(LogEntry entry, boolean success, long begin) {
		RequestKind kind = RequestKind.of(entry.request());
		if (kind.isCounted()) {
			this.metrics.applied(kind.number(), success, begin, RequestKind.count(entry.request()));
		}
	}

	/**
	 * What is counted here.
	 * @return the metrics
	 */
	public ApplyMetrics metrics() {
		return this.metrics;
	}

	private Applier.@Nullable PhysicalCompaction lateAnswer(LogEntry entry) {
		Completion completion = entry.completion();
		if (completion == null || !entry.request().hasCompaction()) {
			return null;
		}
		return (response) -> completion.done(this.headers.complete(response, entry.term()));
	}

	private void publish(long index, long term) {
		this.auth.announce();
		StoreView view = this.store.commit(index, term);
		this.lessor.publish();
		this.auth.publish();
		this.events.published(view, this.store.takeEvents());
	}

	private void answer(LogEntry entry, @Nullable Object outcome) {
		Completion completion = entry.completion();
		if (completion == null || outcome == null) {
			return;
		}
		if (outcome instanceof EtcdException refusal) {
			completion.failed(refusal);
		}
		else {
			completion.done(this.headers.complete((Message.Builder) outcome, entry.term()));
		}
	}

	private void compactSome() {
		StoreView view = this.store.view();
		List<Runnable> finished = this.store.compactSome();
		publish(view.appliedIndex(), view.appliedTerm());
		for (int i = 0; i < finished.size(); i++) {
			finished.get(i).run();
		}
	}

	@Override
	public void onClose() {
		this.ended = true;
		refuseWaiting();
	}

	private void refuseWaiting() {
		for (List<LogEntry> batch = this.committed.poll(); batch != null; batch = this.committed.poll()) {
			refuse(batch);
		}
	}

	private static void refuse(List<LogEntry> batch) {
		for (int i = 0; i < batch.size(); i++) {
			Completion completion = batch.get(i).completion();
			if (completion != null) {
				completion.failed(EtcdError.STOPPED.exception());
			}
		}
	}

}
