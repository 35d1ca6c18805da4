package dev.kvserver.server.lease;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.MemoryStorage;
import dev.kvserver.server.storage.StorageException;
import dev.kvserver.server.storage.WriteBatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Section 2.10 of etcd's contract, as far as it needs no time. */
class LessorTests {

	private final MemoryStorage storage = new MemoryStorage();

	private final WriteBatch batch = this.storage.newBatch();

	private final Lessor lessor = new Lessor(2);

	@ParameterizedTest
	@CsvSource({ "-9223372036854775808, 2", "-1, 2", "0, 2", "1, 2", "2, 2", "3, 3", "9000000000, 9000000000" })
	void ttlIsRaisedToTheMinimum(long asked, long granted) {
		assertThat(this.lessor.grant(7, asked, this.batch).ttlSeconds()).isEqualTo(granted);
	}

	@Test
	void ttlAboveTheMaximumIsRefused() {
		assertRefused(EtcdError.LEASE_TTL_TOO_LARGE, () -> this.lessor.grant(7, 9_000_000_001L, this.batch));
		assertThat(this.lessor.exists(7)).isFalse();
		assertThat(this.batch.count()).isZero();
	}

	@Test
	void existingLeaseIsRefused() {
		this.lessor.grant(7, 10, this.batch);
		assertRefused(EtcdError.LEASE_EXISTS, () -> this.lessor.grant(7, 10, this.batch));
		this.lessor.publish();
		assertRefused(EtcdError.LEASE_EXISTS, () -> this.lessor.grant(7, 10, this.batch));
	}

	@Test
	void tooLargeTtlIsNoticedBeforeTheExistingLease() {
		this.lessor.grant(7, 10, this.batch);
		assertRefused(EtcdError.LEASE_TTL_TOO_LARGE, () -> this.lessor.grant(7, 9_000_000_001L, this.batch));
	}

	@Test
	void unknownLeaseCannotBeRevoked() {
		assertRefused(EtcdError.LEASE_NOT_FOUND, () -> this.lessor.revoke(7, this.batch));
		assertRefused(EtcdError.LEASE_NOT_FOUND, () -> this.lessor.revoke(0, this.batch));
	}

	@Test
	void leaseIsStoredAsEtcdStoresIt() throws InvalidProtocolBufferException {
		this.lessor.grant(0x0102030405060708L, 1, this.batch);
		this.storage.write(this.batch);
		byte[] stored = requireNonNull(this.storage.get(Bucket.LEASE, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }));
		assertThat(dev.kvserver.proto.leasepb.Lease.parseFrom(stored))
			.isEqualTo(dev.kvserver.proto.leasepb.Lease.newBuilder().setID(0x0102030405060708L).setTTL(2).build());
	}

	@Test
	void revokeAnswersTheAttachedKeysInOrderAndRemovesTheLease() {
		this.lessor.grant(7, 10, this.batch);
		for (String key : List.of("b", "c", "a", "ab", "d")) {
			this.lessor.attach(7, key(key));
		}
		this.lessor.attach(7, key("a"));
		this.lessor.detach(7, key("d"));
		this.lessor.detach(7, key("never attached"));
		assertThat(this.lessor.revoke(7, this.batch)).containsExactly(key("a"), key("ab"), key("b"), key("c"));
		this.storage.write(this.batch);
		assertThat(this.lessor.exists(7)).isFalse();
		assertThat(this.storage.scan(Bucket.LEASE, new byte[0], null).next()).isFalse();
	}

	@Test
	void leaseZeroIsNoLease() {
		this.lessor.attach(0, key("a"));
		this.lessor.detach(0, key("a"));
		assertThat(this.lessor.exists(0)).isFalse();
	}

	@Test
	void attachToAnUnknownLeaseIsABrokenInvariant() {
		assertThatIllegalStateException().isThrownBy(() -> this.lessor.attach(7, key("a")))
			.withMessageContaining("lease 7");
	}

	@Test
	void detachFromARevokedLeaseDoesNothing() {
		this.lessor.grant(7, 10, this.batch);
		this.lessor.attach(7, key("a"));
		this.lessor.revoke(7, this.batch);
		this.lessor.detach(7, key("a"));
		this.lessor.publish();
		assertThat(this.lessor.find(7)).isNull();
	}

	@Test
	void readersSeeNothingOfABatchBeforeItIsPublished() {
		this.lessor.grant(1, 10, this.batch);
		assertThat(this.lessor.exists(1)).isTrue();
		assertThat(this.lessor.find(1)).isNull();
		assertThat(this.lessor.renew(1, 0, LessorTests::nobodyWaits)).isZero();
		assertThat(this.lessor.count()).isZero();
		this.lessor.publish();
		assertThat(this.lessor.count()).isEqualTo(1);

		this.lessor.attach(1, key("a"));
		assertThat(lease(1).keys()).isEmpty();
		this.lessor.publish();
		assertThat(lease(1).keys()).containsExactly(key("a"));

		this.lessor.attach(1, key("b"));
		this.lessor.revoke(1, this.batch);
		assertThat(this.lessor.exists(1)).isFalse();
		assertThat(lease(1).keys()).containsExactly(key("a"));
		assertThat(this.lessor.renew(1, 0, LessorTests::nobodyWaits)).isEqualTo(10);
		this.lessor.publish();
		assertThat(this.lessor.find(1)).isNull();
		assertThat(this.lessor.renew(1, 0, LessorTests::nobodyWaits)).isZero();
	}

	@Test
	void keysThatComeAndGoWithinABatchAreNeverSeen() {
		this.lessor.grant(1, 10, this.batch);
		this.lessor.publish();
		this.lessor.attach(1, key("a"));
		this.lessor.detach(1, key("a"));
		this.lessor.attach(1, key("b"));
		this.lessor.detach(1, key("c"));
		this.lessor.publish();
		assertThat(lease(1).keys()).containsExactly(key("b"));
	}

	@Test
	void idCanBeGrantedAgainInTheBatchThatRevokedIt() {
		this.lessor.grant(1, 10, this.batch);
		this.lessor.attach(1, key("old"));
		this.lessor.publish();
		this.lessor.revoke(1, this.batch);
		this.lessor.grant(1, 20, this.batch);
		assertThat(lease(1).ttlSeconds()).isEqualTo(10);
		this.lessor.attach(1, key("new"));
		this.lessor.publish();
		assertThat(lease(1).ttlSeconds()).isEqualTo(20);
		assertThat(lease(1).keys()).containsExactly(key("new"));
		this.storage.write(this.batch);
		assertThat(reloaded().find(1)).isNotNull();
	}

	@Test
	void leaseGrantedAndRevokedByOneBatchIsNotSeenAfterwards() {
		this.lessor.grant(1, 10, this.batch);
		this.lessor.revoke(1, this.batch);
		this.lessor.grant(1, 20, this.batch);
		this.lessor.revoke(1, this.batch);
		this.lessor.publish();
		assertThat(this.lessor.find(1)).isNull();
		this.storage.write(this.batch);
		assertThat(reloaded().count()).isZero();
	}

	@Test
	void onlyComingAndGoingLeasesAreReported() {
		List<String> reports = new ArrayList<>();
		this.lessor.onChange(() -> reports.add("changed"));
		this.lessor.publish();
		this.lessor.grant(1, 10, this.batch);
		this.lessor.publish();
		this.lessor.attach(1, key("a"));
		this.lessor.publish();
		assertThat(reports).hasSize(1);
		this.lessor.revoke(1, this.batch);
		this.lessor.publish();
		assertThat(reports).hasSize(2);
	}

	@Test
	void restartGivesEachLeaseItsFullTtl() {
		for (long id = -3; id <= 3; id++) {
			if (id != 0) {
				this.lessor.grant(id, 100 + id, this.batch);
			}
		}
		this.lessor.publish();
		this.storage.write(this.batch);
		assertThat(this.lessor.renew(1, 0, LessorTests::nobodyWaits)).isEqualTo(101);
		assertThat(lease(1).remainingNanos(TimeUnit.SECONDS.toNanos(60))).isEqualTo(TimeUnit.SECONDS.toNanos(41) | 2);

		Lessor restarted = new Lessor(2);
		restarted.load(this.storage);
		restarted.attach(1, key("a"));
		restarted.publish();
		assertThat(restarted.idsByRemaining(0)).containsExactly(-3, -2, -1, 1, 2, 3);
		Lease lease = requireNonNull(restarted.find(1));
		assertThat(lease.remainingNanos(TimeUnit.SECONDS.toNanos(60))).isEqualTo(TimeUnit.SECONDS.toNanos(101));
		assertThat(lease.keys()).containsExactly(key("a"));
		assertRefused(EtcdError.LEASE_EXISTS, () -> restarted.grant(1, 10, this.batch));
	}

	@Test
	void storedTtlBelowTheMinimumIsRaised() {
		new Lessor(1).grant(1, 1, this.batch);
		this.storage.write(this.batch);
		assertThat(requireNonNull(reloaded().find(1)).ttlSeconds()).isEqualTo(2);
	}

	@Test
	void damagedLeaseStopsTheLoad() {
		this.batch.put(Bucket.LEASE, new byte[8], new byte[] { (byte) 0xff });
		this.storage.write(this.batch);
		assertThatThrownBy(this::reloaded).isInstanceOf(StorageException.class).hasMessageContaining("lease");
	}

	@Test
	void leaseUnderAnotherIdStopsTheLoad() {
		byte[] value = dev.kvserver.proto.leasepb.Lease.newBuilder().setID(5).setTTL(9).build().toByteArray();
		this.batch.put(Bucket.LEASE, new byte[8], value);
		this.storage.write(this.batch);
		assertThatThrownBy(this::reloaded).isInstanceOf(StorageException.class).hasMessageContaining("lease 5");
	}

	@Test
	void leasesAreListedByRemainingTime() {
		this.lessor.grant(1, 30, this.batch);
		this.lessor.grant(2, 10, this.batch);
		this.lessor.grant(4, 20, this.batch);
		this.lessor.grant(3, 20, this.batch);
		this.lessor.publish();
		assertThat(this.lessor.idsByRemaining(0)).containsExactly(2, 3, 4, 1);
		this.lessor.renew(1, -TimeUnit.SECONDS.toNanos(25), LessorTests::nobodyWaits);
		this.lessor.renew(2, TimeUnit.SECONDS.toNanos(15), LessorTests::nobodyWaits);
		assertThat(this.lessor.idsByRemaining(0)).containsExactly(1, 3, 4, 2);
	}

	private Lessor reloaded() {
		Lessor lessor = new Lessor(2);
		lessor.load(this.storage);
		lessor.publish();
		return lessor;
	}

	private Lease lease(long id) {
		return requireNonNull(this.lessor.find(id));
	}

	private static void assertRefused(EtcdError error, ThrowingCallable call) {
		assertThatThrownBy(call).isInstanceOfSatisfying(EtcdException.class,
				(ex) -> assertThat(ex.error()).isEqualTo(error));
	}

	private static void nobodyWaits() {
		throw new AssertionError("nobody was to be told");
	}

	private static byte[] key(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
