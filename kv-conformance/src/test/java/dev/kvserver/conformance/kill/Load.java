package dev.kvserver.conformance.kill;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.history.Dice;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrpc;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/**
 * Writes from several connections, with several requests outstanding on each, until the
 * server is gone. After a number of answers the server is killed: the number is from the
 * seed, the moment is not.
 */
final class Load {

	private static final int CONNECTIONS = 6;

	private static final int OUTSTANDING = 6;

	private static final int LEASE_TTL_SECONDS = 100_000;

	private static final long END_SECONDS = 30;

	private final Writes writes;

	private final Dice dice;

	private final AtomicInteger answersLeft;

	private final Runnable kill;

	private final CountDownLatch chains = new CountDownLatch(CONNECTIONS * OUTSTANDING);

	private final AtomicReference<AssertionError> failure = new AtomicReference<>();

	private final AtomicInteger writesSent = new AtomicInteger();

	private final long firstNumber;

	/**
	 * Prepares a load.
	 * @param firstNumber the number of the first write
	 * @param answers after how many answers to kill
	 * @param kill called once, by a thread that must not be blocked for long
	 */
	Load(Writes writes, Dice dice, long firstNumber, int answers, Runnable kill) {
		this.writes = writes;
		this.dice = dice;
		this.firstNumber = firstNumber;
		this.answersLeft = new AtomicInteger(answers);
		this.kill = kill;
	}

	/** Writes until the server is gone, and blocks until then. */
	void run(int port) {
		List<Connection> connections = new ArrayList<>();
		try {
			for (int i = 0; i < CONNECTIONS; i++) {
				Connection connection = new Connection(port);
				connections.add(connection);
				for (int j = 0; j < OUTSTANDING; j++) {
					next(connection);
				}
			}
			if (!this.chains.await(END_SECONDS, TimeUnit.SECONDS)) {
				throw new AssertionError("The server neither answers nor ends");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
		finally {
			connections.forEach(Connection::close);
		}
		if (this.failure.get() != null) {
			throw new AssertionError(this.failure.get());
		}
	}

	/** How many numbers were used. */
	int writesSent() {
		return this.writesSent.get();
	}

	private void next(Connection connection) {
		long number = this.firstNumber + this.writesSent.getAndIncrement();
		Write write;
		boolean grant;
		synchronized (this.dice) {
			write = Write.random(this.dice, number);
			grant = this.dice.below(40) == 0;
		}
		if (grant) {
			LeaseGrantRequest lease = LeaseGrantRequest.newBuilder().setID(number).setTTL(LEASE_TTL_SECONDS).build();
			LeaseGrpc.newStub(connection.channel()).leaseGrant(lease, new Granted(connection));
		}
		else {
			this.writes.sent(write);
			KVGrpc.newStub(connection.channel()).txn(write.request(), new Written(connection, write));
		}
	}

	private void answered() {
		if (this.answersLeft.decrementAndGet() == 0) {
			this.kill.run();
		}
	}

	/** One answer after another. */
	private abstract class Chain<T> implements StreamObserver<T> {

		private final Connection connection;

		Chain(Connection connection) {
			this.connection = connection;
		}

		@Override
		public void onError(Throwable error) {
			Status status = Status.fromThrowable(error);
			// A connection that breaks while a request is written is no status of the
			// server.
			boolean gone = status.getCode() == Status.Code.UNAVAILABLE || status.getCause() instanceof IOException;
			if (!gone) {
				Load.this.failure.compareAndSet(null, new AssertionError("A write was refused", error));
			}
			Load.this.chains.countDown();
		}

		@Override
		public void onCompleted() {
			answered();
			next(this.connection);
		}

	}

	private final class Granted extends Chain<LeaseGrantResponse> {

		Granted(Connection connection) {
			super(connection);
		}

		@Override
		public void onNext(LeaseGrantResponse response) {
			Load.this.writes.granted(response.getID());
		}

	}

	private final class Written extends Chain<TxnResponse> {

		private final Write write;

		Written(Connection connection, Write write) {
			super(connection);
			this.write = write;
		}

		@Override
		public void onNext(TxnResponse response) {
			boolean changed = !this.write.putKeys().isEmpty()
					|| response.getResponses(0).getResponseDeleteRange().getDeleted() > 0;
			try {
				if (changed) {
					Load.this.writes.acknowledged(this.write, response.getHeader().getRevision());
				}
				else {
					Load.this.writes.changedNothing(this.write, response.getHeader().getRevision());
				}
			}
			catch (AssertionError ex) {
				Load.this.failure.compareAndSet(null, ex);
			}
		}

	}

}
