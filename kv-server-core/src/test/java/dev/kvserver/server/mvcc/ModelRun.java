package dev.kvserver.server.mvcc;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.server.apply.AlarmStore;
import dev.kvserver.server.apply.ApplyLoop;
import dev.kvserver.server.apply.Membership;
import dev.kvserver.server.apply.ServerState;
import dev.kvserver.server.apply.TxnReader;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.lease.Lessor;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.LogEntry;
import dev.kvserver.server.storage.SimulatedCrash;
import dev.kvserver.server.storage.SimulatedDisk;
import dev.kvserver.server.storage.SimulatedStorage;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One random life of a store beside its {@link ReferenceStore}: batches of requests, some
 * bites of compaction, crashes that lose what was not flushed and are mended from the
 * log, and after each step a look at everything.
 */
final class ModelRun {

	private static final long TTL_MIN = 2;

	private static final Path DIRECTORY = Path.of("/data");

	private static final int[] BITES = { 1, 2, 5, 1_000 };

	/** A value is cached only if it is below a 64th of this. */
	private static final long[] CACHE_BYTES = { 0, 300, 2_000, 1 << 20 };

	private final SplittableRandom random;

	private final ReferenceStore reference = new ReferenceStore();

	private final ReferenceApplier referenceApplier = new ReferenceApplier(this.reference, TTL_MIN);

	private final RequestGenerator generator;

	private final MvccOptions options;

	private final List<LogEntry> log = new ArrayList<>();

	private final List<Answer> waiting = new ArrayList<>();

	/** The store's jobs that nobody has done yet. */
	private final Deque<Runnable> background = new ArrayDeque<>();

	/** How many changes make a checkpoint of the index worthwhile; few, to see many. */
	private final int checkpointMin;

	private SimulatedDisk disk = new SimulatedDisk();

	private SimulatedStorage storage = new SimulatedStorage();

	private ModelChecks checks;

	private MvccStore store;

	private ApplyLoop loop;

	ModelRun(long seed) {
		this.random = new SplittableRandom(seed);
		this.generator = new RequestGenerator(this.random, this.reference);
		this.options = new MvccOptions(CACHE_BYTES[this.random.nextInt(CACHE_BYTES.length)],
				BITES[this.random.nextInt(BITES.length)]);
		this.checkpointMin = this.random.nextInt(1, 60);
		this.disk.createDirectories(DIRECTORY);
		this.store = open();
		this.checks = new ModelChecks(this.store, this.reference, this.random);
		this.loop = newLoop();
	}

	private MvccStore open() {
		CheckpointFile checkpoint = new CheckpointFile(this.disk, DIRECTORY.resolve("index"), this.checkpointMin);
		return MvccStore.open(this.storage, this.options, this.background::add, checkpoint);
	}

	private ApplyLoop newLoop() {
		Lessor lessor = new Lessor(TTL_MIN);
		lessor.load(this.storage);
		this.store.forEachAttached((key, lease) -> lessor.attach(lease, key));
		lessor.publish();
		ApplyLoop made = new ApplyLoop(new ServerState(this.store, lessor, AlarmStore.load(this.storage),
				Membership.load(this.storage, 0, List.of()),
				new AuthStore(AuthOptions.DEFAULTS.tokenProvider(() -> 0))), 0, 0);
		made.publishTo(this.checks);
		return made;
	}

	void run(int steps) {
		for (int i = 0; i < steps; i++) {
			switch (this.random.nextInt(12)) {
				case 0 -> restart();
				case 1 -> this.storage.flush();
				case 2, 3 -> compactSome();
				case 4 -> doOneJob();
				default -> applyBatch();
			}
			this.checks.check();
			for (int reads = 2; reads > 0; reads--) {
				read();
			}
		}
		while (this.store.isCompacting() || !this.background.isEmpty()) {
			doOneJob();
			compactSome();
		}
		assertThat(this.waiting).as("physical compactions without an answer").isEmpty();
		this.checks.check();
		restart();
		this.checks.check();
	}

	/** Does what waits longest; sometimes the disk fails, or the machine goes off. */
	private void doOneJob() {
		Runnable job = this.background.poll();
		if (job == null) {
			return;
		}
		if (this.random.nextInt(4) == 0) {
			int call = this.disk.calls() + this.random.nextInt(1, 10);
			if (this.random.nextBoolean()) {
				this.disk.failAt(call);
			}
			else {
				this.disk.crashAt(call);
			}
		}
		try {
			job.run();
		}
		catch (SimulatedCrash ex) {
			crash();
		}
	}

	private void applyBatch() {
		List<LogEntry> batch = new ArrayList<>();
		List<Answer> answers = new ArrayList<>();
		for (int i = this.random.nextInt(1, 9); i > 0; i--) {
			InternalRaftRequest request = this.generator.request();
			Answer answer = new Answer(request, outcome(() -> this.referenceApplier.apply(request)));
			LogEntry entry = new LogEntry(this.log.size() + 1L, 0, request, answer);
			this.log.add(entry);
			batch.add(entry);
			answers.add(answer);
		}
		this.loop.apply(batch);
		for (Answer answer : answers) {
			if (answer.outcome == null && answer.request.getCompaction().getPhysical()) {
				this.waiting.add(answer);
			}
			else {
				answer.check();
			}
		}
	}

	private void compactSome() {
		this.loop.doWork();
		this.waiting.removeIf((answer) -> {
			if (answer.outcome != null) {
				answer.check();
			}
			return answer.outcome != null;
		});
	}

	/** Stops and starts again, with or without being told to. */
	private void restart() {
		if (this.random.nextBoolean()) {
			crash();
			return;
		}
		try {
			this.store.close();
			this.storage.flush();
			reopen(this.storage.unflushedCount());
		}
		catch (SimulatedCrash ex) {
			crash();
		}
	}

	/** Loses a part of what was not flushed or forced. */
	private void crash() {
		this.disk = this.disk.afterPowerLoss(this.random);
		reopen(this.random.nextInt(this.storage.unflushedCount() + 1));
	}

	/** Starts again, and applies from the log what the storage does not hold. */
	private void reopen(int survivors) {
		this.background.clear();
		this.storage = this.storage.crash(survivors);
		this.store = open();
		this.checks.compareWithFullScan(this.store, MvccStore.open(this.storage, this.options));
		this.checks.reopened(this.store);
		this.loop = newLoop();
		this.waiting.clear();
		int replayed = (int) this.store.view().appliedIndex();
		while (replayed < this.log.size()) {
			int end = Math.min(this.log.size(), replayed + this.random.nextInt(1, 20));
			List<LogEntry> batch = new ArrayList<>();
			for (LogEntry entry : this.log.subList(replayed, end)) {
				batch.add(new LogEntry(entry.index(), entry.term(), entry.request(), null));
			}
			this.loop.apply(batch);
			replayed = end;
		}
	}

	private void read() {
		RangeRequest request = this.generator.range();
		Object expected = outcome(() -> this.reference.range(request).build());
		assertThat(outcome(() -> this.store.range(request).build())).as("%s", request).isEqualTo(expected);
		if (expected instanceof RangeResponse response && isStreamable(request)) {
			assertThat(stream(request)).as("%s", request).isEqualTo(response);
		}
		TxnRequest txn = this.generator.readOnlyTxn();
		assertThat(outcome(() -> this.store.read((read) -> TxnReader.read(read, txn)).build())).as("%s", txn)
			.isEqualTo(outcome(() -> this.referenceApplier.txn(txn)));
		ByteString key = this.generator.key();
		this.checks.checkKey(key, this.generator.revision());
		this.checks.checkHash(this.generator.revision());
		this.checks.checkHash(this.reference.compactRevision());
	}

	private static boolean isStreamable(RangeRequest request) {
		return request.getSortTarget() == RangeRequest.SortTarget.KEY
				&& request.getSortOrder() != RangeRequest.SortOrder.DESCEND && !request.getCountOnly()
				&& request.getMinModRevision() == 0 && request.getMaxModRevision() == 0
				&& request.getMinCreateRevision() == 0 && request.getMaxCreateRevision() == 0;
	}

	/** Reads a range in chunks and puts them together. */
	private RangeResponse stream(RangeRequest request) {
		StoreView pinned = this.store.view();
		RangeResponse.Builder whole = RangeResponse.newBuilder();
		RangeRequest.Builder next = request.toBuilder();
		while (true) {
			long left = (request.getLimit() > 0) ? request.getLimit() - whole.getKvsCount() : Long.MAX_VALUE;
			RangeChunk chunk = this.store.chunk(pinned, next.setLimit(Math.min(left, 3)).build());
			RangeResponse.Builder part = chunk.response();
			boolean last = !part.getMore() || left <= 3;
			whole.addAllKvs(part.getKvsList());
			if (last) {
				whole.getHeaderBuilder().setRevision(pinned.revision());
				return whole.setMore(part.getMore()).setCount(whole.getKvsCount() + chunk.countBehind()).build();
			}
			next.setKey(part.getKvs(part.getKvsCount() - 1).getKey().concat(ByteString.copyFrom(new byte[1])));
		}
	}

	/** The answer, or the error the client gets. */
	private static Object outcome(Supplier<Message> request) {
		try {
			return request.get();
		}
		catch (EtcdException ex) {
			return ex.error();
		}
	}

	/** What a request was answered, and should have been. */
	private static final class Answer implements Completion {

		private final InternalRaftRequest request;

		private final Object expected;

		private @Nullable Object outcome;

		Answer(InternalRaftRequest request, Object expected) {
			this.request = request;
			this.expected = expected;
		}

		@Override
		public void done(Message response) {
			answered(response);
		}

		@Override
		public void failed(Throwable failure) {
			answered((failure instanceof EtcdException refusal) ? refusal.error() : failure);
		}

		private void answered(Object answer) {
			assertThat(this.outcome).as("an earlier answer").isNull();
			this.outcome = answer;
		}

		void check() {
			assertThat(this.outcome).as("%s", this.request).isEqualTo(this.expected);
		}

	}

}
