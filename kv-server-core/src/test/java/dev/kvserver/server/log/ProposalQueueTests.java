package dev.kvserver.server.log;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.server.metrics.ProposalMetrics;
import dev.kvserver.server.log.ProposalQueue.Offer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ProposalQueueTests {

	private static final int THREADS = 4;

	private static final int EACH = 20_000;

	@Test
	void takesAllOldestFirst() {
		ProposalQueue queue = new ProposalQueue(10, 1_000);
		Proposal a = proposal(0, 0);
		Proposal b = proposal(0, 1);
		Proposal c = proposal(0, 2);
		queue.offer(a);
		queue.offer(b);
		queue.offer(c);
		assertThat(chain(queue.takeAll())).containsExactly(a, b, c);
		assertThat(queue.takeAll()).isNull();
		queue.offer(proposal(0, 3));
		assertThat(chain(queue.takeAll())).hasSize(1);
	}

	@Test
	void oneRequestIsAlwaysAcceptedByAnEmptyQueue() {
		ProposalQueue queue = new ProposalQueue(1, 1);
		assertThat(queue.offer(proposal(0, 0))).isEqualTo(Offer.ACCEPTED);
		assertThat(queue.offer(proposal(0, 1))).isEqualTo(Offer.FULL);
	}

	@Test
	void closedQueueReturnsWhatWaitsOnceAndRefusesTheRest() {
		ProposalQueue queue = new ProposalQueue(10, 1_000);
		queue.offer(proposal(0, 0));
		assertThat(chain(queue.close())).hasSize(1);
		assertThat(queue.isClosed()).isTrue();
		assertThat(queue.offer(proposal(0, 1))).isEqualTo(Offer.CLOSED);
		assertThat(queue.takeAll()).isNull();
		assertThat(queue.close()).isNull();
	}

	@Test
	void manyThreadsLoseNothingKeepTheirOrderAndAreRefusedAfterTheEnd() throws Exception {
		ProposalQueue queue = new ProposalQueue(500, 1 << 20);
		AtomicInteger accepted = new AtomicInteger();
		CountDownLatch half = new CountDownLatch(THREADS * EACH / 2);
		List<Thread> threads = new ArrayList<>();
		for (int thread = 0; thread < THREADS; thread++) {
			int number = thread;
			threads.add(new Thread(() -> offerAll(queue, number, accepted, half)));
		}
		threads.forEach(Thread::start);
		List<Proposal> taken = new ArrayList<>();
		while (half.getCount() > 0) {
			taken.addAll(chain(queue.takeAll()));
			Thread.onSpinWait();
		}
		taken.addAll(chain(queue.close()));
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(taken).hasSize(accepted.get()).doesNotHaveDuplicates();
		int[] last = { -1, -1, -1, -1 };
		for (Proposal proposal : taken) {
			int thread = (int) proposal.request().getPut().getLease();
			int number = Integer.parseInt(proposal.request().getPut().getKey().toStringUtf8());
			assertThat(number).isGreaterThan(last[thread]);
			last[thread] = number;
		}
	}

	/** Offers again what a full queue refused, until the queue is closed. */
	private static void offerAll(ProposalQueue queue, int thread, AtomicInteger accepted, CountDownLatch half) {
		for (int i = 0; i < EACH; i++) {
			Offer offer = queue.offer(proposal(thread, i));
			while (offer == Offer.FULL) {
				Thread.onSpinWait();
				offer = queue.offer(proposal(thread, i));
			}
			if (offer == Offer.CLOSED) {
				return;
			}
			accepted.incrementAndGet();
			half.countDown();
		}
	}

	private static Proposal proposal(int thread, int number) {
		InternalRaftRequest request = InternalRaftRequest.newBuilder()
			.setPut(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("" + number)).setLease(thread))
			.build();
		return new Proposal(request, new Completion() {

			@Override
			public void done(Message response) {
				throw new AssertionError();
			}

			@Override
			public void failed(Throwable failure) {
				throw new AssertionError();
			}

		}, ProposalMetrics.create(RequestKind.names()));
	}

	private static List<Proposal> chain(@Nullable Proposal oldest) {
		List<Proposal> chain = new ArrayList<>();
		for (Proposal proposal = oldest; proposal != null; proposal = proposal.next) {
			chain.add(proposal);
		}
		return chain;
	}

}
