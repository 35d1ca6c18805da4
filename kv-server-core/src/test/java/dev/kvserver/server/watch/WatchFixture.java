package dev.kvserver.server.watch;

import java.nio.charset.StandardCharsets;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.WatchCancelRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchProgressRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.mvcc.KeyIndex;
import dev.kvserver.server.mvcc.MvccOptions;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.StoreView;
import dev.kvserver.server.mvcc.WriteTxn;
import dev.kvserver.server.storage.MemoryStorage;

/**
 * A store in memory and a watch loop on it, both driven by the test's thread.
 */
final class WatchFixture {

	static final ResponseHeader HEADER = ResponseHeader.newBuilder()
		.setClusterId(0xcafe_0000_0000_0001L)
		.setMemberId(7)
		.setRaftTerm(2)
		.build();

	final MvccStore store = MvccStore.open(new MemoryStorage(), new MvccOptions(1 << 20, 16));

	final ManualClock clock = new ManualClock();

	final WatchLoop loop;

	private long index;

	WatchFixture() {
		this(WatchOptions.defaults());
	}

	WatchFixture(WatchOptions options) {
		this.loop = new WatchLoop(this.store.view(), () -> HEADER, options, this.clock, 42);
	}

	/** Small bounds, so that every limit is met early. */
	static WatchOptions smallBounds() {
		return new WatchOptions(4, 2_000, 8, 4_000, 5, 6_000, 3_000, 600, 4_000, 1_000_000_000L);
	}

	/** Puts a key as one revision; the loop has not run yet. Returns the revision. */
	long put(String key, String value) {
		WriteTxn txn = this.store.begin();
		txn.put(bytes(key), bytes(value), 0);
		return commit(txn);
	}

	long delete(String key) {
		WriteTxn txn = this.store.begin();
		delete(txn, key);
		return commit(txn);
	}

	/** Deletes in a transaction; nothing if the key is not there. */
	static void delete(WriteTxn txn, String key) {
		KeyIndex found = txn.find(bytes(key));
		if (found != null) {
			txn.delete(found);
		}
	}

	long commit(WriteTxn txn) {
		txn.end();
		publish();
		return this.store.revision();
	}

	/** Compacts logically; {@link #removeCompacted()} takes away what that freed. */
	void compact(long revision) {
		this.store.compact(revision, null);
		publish();
	}

	void removeCompacted() {
		while (this.store.isCompacting()) {
			this.store.compactSome();
			publish();
		}
	}

	void publish() {
		this.index++;
		StoreView view = this.store.commit(this.index, 2);
		this.loop.published(view, this.store.takeEvents());
	}

	/** Opens a stream. */
	Client client() {
		return new Client(this, WatchAuthorizer.ALLOW_ALL);
	}

	Client client(WatchAuthorizer authorizer) {
		return new Client(this, authorizer);
	}

	/** Lets the loop work until it has nothing to do. */
	void run() {
		int turns = 0;
		while (this.loop.doWork() > 0) {
			turns++;
			if (turns > 100_000) {
				throw new IllegalStateException("turns: " + turns + " (expected: an end)");
			}
		}
	}

	static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.ISO_8859_1);
	}

	static ByteString string(String text) {
		return ByteString.copyFrom(text, StandardCharsets.ISO_8859_1);
	}

	static WatchCreateRequest.Builder watch(String key) {
		return WatchCreateRequest.newBuilder().setKey(string(key));
	}

	static WatchCreateRequest.Builder watch(String key, String end) {
		return watch(key).setRangeEnd(string(end));
	}

	/** A watch of every key. */
	static WatchCreateRequest.Builder watchAll() {
		return watch("", "\0");
	}

	/** One stream as its client sees it. */
	static final class Client {

		final RecordingSink sink = new RecordingSink();

		final WatchStream stream;

		private final WatchFixture fixture;

		private Client(WatchFixture fixture, WatchAuthorizer authorizer) {
			this.fixture = fixture;
			this.stream = fixture.loop.open(this.sink, authorizer);
		}

		/** Asks and lets the loop run. Returns what came. */
		List<WatchResponse> create(WatchCreateRequest.Builder request) {
			send(request);
			return run();
		}

		void send(WatchCreateRequest.Builder request) {
			this.stream.request(WatchRequest.newBuilder().setCreateRequest(request).build());
		}

		List<WatchResponse> cancel(long id) {
			this.stream.request(
					WatchRequest.newBuilder().setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(id)).build());
			return run();
		}

		List<WatchResponse> progress() {
			this.stream.request(
					WatchRequest.newBuilder().setProgressRequest(WatchProgressRequest.getDefaultInstance()).build());
			return run();
		}

		/** Lets the loop run. Returns what came. */
		List<WatchResponse> run() {
			this.fixture.run();
			return this.sink.take();
		}

		/** Takes no more. */
		void block() {
			this.sink.setWindow(0);
		}

		/** Takes everything again. */
		void unblock() {
			unblock(Long.MAX_VALUE);
		}

		void unblock(long windowBytes) {
			this.sink.setWindow(windowBytes);
			this.stream.ready();
		}

	}

}
