package dev.kvserver.server.coordination;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.proto.v3lockpb.LockResponse;
import dev.kvserver.proto.v3lockpb.UnlockRequest;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Section 2.14: Lock and Unlock. */
class LockTests {

	private final CoordinationServer server = new CoordinationServer();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void keyIsNameAndLeaseInHexadecimal() {
		LockResponse held = this.server.lock().lock(request(this.server.lease(0xab)));
		assertThat(held.getKey()).isEqualTo(utf8("l/ab"));
		assertThat(held.getHeader().getRevision()).isEqualTo(2);
		this.server.lock().unlock(UnlockRequest.newBuilder().setKey(held.getKey()).build());
		assertThat(this.server.keys()).isZero();
		assertThat(this.server.lock().unlock(UnlockRequest.newBuilder().setKey(held.getKey()).build()).hasHeader())
			.isTrue();
	}

	@Test
	void aLeaseThatHoldsItGetsItAgain() {
		LockResponse held = this.server.lock().lock(request(this.server.lease(1)));
		assertThat(this.server.lock().lock(request(1)).getKey()).isEqualTo(held.getKey());
		assertThat(this.server.keys()).isOne();
	}

	@Test
	void withoutALeaseTheServerGrantsOneOfAMinute() {
		LockResponse held = this.server.lock().lock(request(0));
		assertThat(held.getKey().toStringUtf8()).matches("l/[0-9a-f]+");
		long lease = this.server.kv()
			.range(RangeRequest.newBuilder().setKey(held.getKey()).build())
			.getKvs(0)
			.getLease();
		assertThat(held.getKey()).isEqualTo(utf8("l/" + Long.toHexString(lease)));
	}

	@Test
	void waitersGetItInTheirOrder() throws Exception {
		LockResponse held = this.server.lock().lock(request(this.server.lease(1)));
		List<ListenableFuture<LockResponse>> waiting = new ArrayList<>();
		for (int i = 2; i <= 6; i++) {
			waiting.add(this.server.lockLater().lock(request(this.server.lease(i))));
			this.server.awaitKeys(i);
		}
		for (int i = 0; i < waiting.size(); i++) {
			assertThat(waiting.subList(i, waiting.size())).noneMatch(ListenableFuture::isDone);
			this.server.lock().unlock(UnlockRequest.newBuilder().setKey(held.getKey()).build());
			held = waiting.get(i).get();
		}
	}

	@Test
	void aWaiterThatLeavesTakesItsKeyAlong() throws Exception {
		this.server.lock().lock(request(this.server.lease(1)));
		ListenableFuture<LockResponse> leaving = this.server.lockLater().lock(request(this.server.lease(2)));
		this.server.awaitKeys(2);
		ListenableFuture<LockResponse> staying = this.server.lockLater().lock(request(this.server.lease(3)));
		this.server.awaitKeys(3);
		leaving.cancel(true);
		this.server.awaitKeys(2);
		this.server.revoke(1);
		assertThat(staying.get().getKey()).isEqualTo(utf8("l/3"));
	}

	@Test
	void aHoldersLeaseThatEndsPassesItOn() throws Exception {
		this.server.lock().lock(request(this.server.lease(1)));
		ListenableFuture<LockResponse> waiting = this.server.lockLater().lock(request(this.server.lease(2)));
		this.server.awaitKeys(2);
		this.server.revoke(1);
		assertThat(waiting.get().getKey()).isEqualTo(utf8("l/2"));
	}

	@Test
	void aWaiterWhoseLeaseEndsIsTold() throws Exception {
		LockResponse held = this.server.lock().lock(request(this.server.lease(1)));
		ListenableFuture<LockResponse> waiting = this.server.lockLater().lock(request(this.server.lease(2)));
		this.server.awaitKeys(2);
		this.server.revoke(2);
		this.server.lock().unlock(UnlockRequest.newBuilder().setKey(held.getKey()).build());
		assertThatThrownBy(waiting::get).isInstanceOf(ExecutionException.class)
			.hasRootCauseMessage("UNKNOWN: mutex: session is expired");
	}

	@Test
	void aServerThatStopsSendsWaitersElsewhere() throws Exception {
		this.server.lock().lock(request(this.server.lease(1)));
		ListenableFuture<LockResponse> waiting = this.server.lockLater().lock(request(this.server.lease(2)));
		this.server.awaitKeys(2);
		this.server.drain();
		assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
			.hasRootCauseMessage("UNAVAILABLE: etcdserver: server stopped");
		assertThat(this.server.keysInside()).as("the waiter's key is gone").isOne();
	}

	@Test
	void errorsOfTheStoreKeepTheirTextAndLoseTheirCode() {
		assertThatThrownBy(() -> this.server.lock().lock(request(77))).isInstanceOf(StatusRuntimeException.class)
			.hasMessage("UNKNOWN: etcdserver: requested lease not found");
		assertThatThrownBy(() -> this.server.lock().unlock(UnlockRequest.getDefaultInstance()))
			.hasMessage("UNKNOWN: etcdserver: key is not provided");
	}

	@Test
	void locksOfOtherNamesAreOtherLocks() {
		this.server.lock().lock(request(this.server.lease(1)));
		LockRequest other = LockRequest.newBuilder().setName(utf8("l2")).setLease(1).build();
		assertThat(this.server.lock().lock(other).getKey()).isEqualTo(utf8("l2/1"));
	}

	private static LockRequest request(long lease) {
		return LockRequest.newBuilder().setName(utf8("l")).setLease(lease).build();
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
