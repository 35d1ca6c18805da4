package dev.kvserver.server.rpc;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.server.apply.SpaceQuota;
import dev.kvserver.server.auth.AuthOptions;
import dev.kvserver.server.auth.AuthStore;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.LocalReadBarrier;
import dev.kvserver.server.mvcc.MvccOptions;
import dev.kvserver.server.mvcc.MvccStore;
import dev.kvserver.server.mvcc.WriteTxn;
import dev.kvserver.server.storage.RocksOptions;
import dev.kvserver.server.storage.RocksStorage;
import dev.kvserver.server.storage.Storage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which thread reads: the caller's from memory, the pool's from the disk. */
class KvRequestsTests {

	private static final RangeRequest RANGE = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("k")).build();

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	@SuppressWarnings("NullAway.Init")
	private Storage storage;

	private final Deque<Runnable> pool = new ArrayDeque<>();

	/** One key, with its value on the disk only. */
	@BeforeEach
	void openCold() {
		try (Storage written = RocksStorage.open(this.directory, RocksOptions.DEFAULTS)) {
			MvccStore store = MvccStore.open(written, MvccOptions.defaults());
			WriteTxn txn = store.begin();
			txn.put(bytes("k"), bytes("v"), 0);
			txn.end();
			store.commit(1, 1);
		}
		this.storage = RocksStorage.open(this.directory, RocksOptions.DEFAULTS);
	}

	@AfterEach
	void close() {
		this.storage.close();
	}

	@Test
	void aValueOnTheDiskIsReadByThePool() throws Exception {
		KvRequests requests = requests(this.pool::add);
		Answer answer = new Answer();
		requests.range(RANGE, answer);
		assertThat(answer).isNotDone();
		this.pool.remove().run();
		assertThat(((RangeResponse) answer.get()).getKvs(0).getValue()).isEqualTo(ByteString.copyFromUtf8("v"));
		Answer again = new Answer();
		requests.range(RANGE, again);
		assertThat(again).isCompletedWithValue(answer.get());
		assertThat(this.pool).isEmpty();
	}

	@Test
	void aTxnThatOnlyReadsGoesThereToo() throws Exception {
		TxnRequest txn = TxnRequest.newBuilder().addSuccess(RequestOp.newBuilder().setRequestRange(RANGE)).build();
		KvRequests requests = requests(this.pool::add);
		Answer answer = new Answer();
		requests.txn(txn, answer);
		assertThat(answer).isNotDone();
		this.pool.remove().run();
		assertThat(((TxnResponse) answer.get()).getResponses(0).getResponseRange().getCount()).isOne();
		Answer again = new Answer();
		requests.txn(txn, again);
		assertThat(again).isCompletedWithValue(answer.get());
	}

	@Test
	void whatTheIndexKnowsTakesNoDisk() throws Exception {
		KvRequests requests = requests(this.pool::add);
		Answer counted = new Answer();
		requests.range(RANGE.toBuilder().setCountOnly(true).build(), counted);
		assertThat(((RangeResponse) counted.get()).getCount()).isOne();
		Answer keys = new Answer();
		requests.range(RANGE.toBuilder().setKeysOnly(true).build(), keys);
		assertThat(((RangeResponse) keys.get()).getKvsCount()).isOne();
		assertThat(this.pool).isEmpty();
	}

	/** Section 3.1: "etcdserver: too many requests". */
	@Test
	void aFullPoolIsTooManyRequests() {
		KvRequests requests = requests((read) -> {
			throw new RejectedExecutionException();
		});
		Answer answer = new Answer();
		requests.range(RANGE, answer);
		assertThatThrownBy(answer::get).hasRootCauseMessage(EtcdError.TOO_MANY_REQUESTS.exception().getMessage());
	}

	private KvRequests requests(Executor readers) {
		MvccStore store = MvccStore.open(this.storage, MvccOptions.defaults());
		return new KvRequests(store, (request, completion) -> {
			throw new AssertionError("nothing is written");
		}, new LocalReadBarrier(), new ResponseHeaders(1, 2, () -> store.view().revision(), () -> 3), 128,
				new SpaceQuota(-1, () -> 0, () -> {
				}), readers, new Access(new AuthStore(AuthOptions.DEFAULTS.tokenProvider(() -> 0))));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static final class Answer extends CompletableFuture<Message> implements Completion {

		@Override
		public void done(Message response) {
			complete(response);
		}

		@Override
		public void failed(Throwable failure) {
			completeExceptionally(failure);
		}

	}

}
