package dev.kvserver.server.watch;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.key.KeyRange;
import dev.kvserver.server.watch.WatchFixture.Client;
import org.junit.jupiter.api.Test;

import static dev.kvserver.server.watch.WatchFixture.string;
import static dev.kvserver.server.watch.WatchFixture.watch;
import static dev.kvserver.server.watch.WatchFixture.watchAll;
import static org.assertj.core.api.Assertions.assertThat;

/** Create and cancel requests (etcd-contract section 2.9). */
class WatchCreateTests {

	private final WatchFixture fixture = new WatchFixture();

	private final Client client = this.fixture.client();

	@Test
	void createdComesBeforeAnyEventAndTellsTheCurrentRevision() {
		this.fixture.put("a", "1");
		List<WatchResponse> responses = this.client.create(watch("a").setStartRevision(2));
		assertThat(responses).hasSize(2);
		assertThat(responses.get(0)).isEqualTo(created(0, 2));
		assertThat(responses.get(1).getCreated()).isFalse();
		assertThat(responses.get(1).getEventsList()).hasSize(1);
	}

	@Test
	void emptyKeyMeansTheSmallestOne() {
		this.client.create(watch(""));
		this.client.create(watch("", "b"));
		this.client.create(watchAll());
		this.fixture.put("\0", "1");
		assertThat(ids(this.client.run())).containsExactlyInAnyOrder(0L, 1L, 2L);
		this.fixture.put("a", "1");
		assertThat(ids(this.client.run())).containsExactlyInAnyOrder(1L, 2L);
		this.fixture.put("b", "1");
		assertThat(ids(this.client.run())).containsExactly(2L);
	}

	@Test
	void rangeEndOfOneZeroByteMeansEverythingFromTheKeyOn() {
		this.client.create(watch("b", "\0"));
		this.fixture.put("a", "1");
		assertThat(this.client.run()).isEmpty();
		this.fixture.put("zz", "1");
		assertThat(this.client.run()).hasSize(1);
	}

	@Test
	void rangeWithoutKeysIsRefusedWithEtcdsReason() {
		for (String end : List.of("a", "A", "aa")) {
			assertThat(this.client.create(watch("aa", end))).containsExactly(refused("mvcc: watcher range is empty"));
		}
	}

	@Test
	void idInUseIsRefused() {
		this.client.create(watch("a").setWatchId(5));
		assertThat(this.client.create(watch("b").setWatchId(5)))
			.containsExactly(refused("mvcc: duplicate watch ID provided on the WatchStream"));
		this.client.cancel(5);
		assertThat(this.client.create(watch("b").setWatchId(5))).containsExactly(created(5, 1));
	}

	@Test
	void idOfAnotherStreamIsFree() {
		this.client.create(watch("a").setWatchId(5));
		assertThat(this.fixture.client().create(watch("a").setWatchId(5))).containsExactly(created(5, 1));
	}

	@Test
	void negativeStartRevisionIsRefusedAsCompacted() {
		assertThat(this.client.create(watch("a").setStartRevision(-1)))
			.containsExactly(refused("etcdserver: mvcc: required revision has been compacted"));
	}

	@Test
	void automaticIdsCountUpAndLeaveOutThoseInUse() {
		this.client.create(watch("a").setWatchId(1));
		assertThat(ids(this.client.create(watch("a")))).containsExactly(0L);
		assertThat(ids(this.client.create(watch("a")))).containsExactly(2L);
		this.client.cancel(0);
		assertThat(ids(this.client.create(watch("a")))).containsExactly(3L);
	}

	@Test
	void refusalOfTheAuthorizerIsTheCancelReason() {
		String reason = "rpc error: code = PermissionDenied desc = etcdserver: permission denied";
		List<KeyRange> asked = new ArrayList<>();
		Client limited = this.fixture.client((range) -> {
			asked.add(range);
			return range.isSingle() ? null : reason;
		});
		assertThat(limited.create(watch("a", "b"))).containsExactly(refused(reason));
		assertThat(limited.create(watch("a"))).containsExactly(created(0, 1));
		assertThat(limited.create(watch("b", "a"))).containsExactly(refused(reason));
		assertThat(asked).containsExactly(KeyRange.of(string("a"), string("b")), KeyRange.of(string("a"), string("")),
				KeyRange.of(string("b"), string("a")));
	}

	@Test
	void requestOfAnUnknownKindIsIgnored() {
		this.client.stream.request(WatchRequest.getDefaultInstance());
		assertThat(this.client.run()).isEmpty();
		assertThat(this.client.create(watch("a"))).containsExactly(created(0, 1));
		assertThat(this.client.sink.handledCount()).isEqualTo(2);
	}

	@Test
	void controlAnswersComeInTheOrderOfTheRequests() {
		for (int i = 0; i < 50; i++) {
			this.client.send(watch("a").setWatchId(100 - i).setStartRevision((i % 3 == 0) ? -1 : 0));
		}
		List<WatchResponse> responses = this.client.run();
		assertThat(responses).hasSize(50);
		for (int i = 0; i < 50; i++) {
			assertThat(responses.get(i).getWatchId()).isEqualTo((i % 3 == 0) ? -1 : 100 - i);
		}
	}

	@Test
	void cancelIsAnsweredAndEndsTheWatcher() {
		this.client.create(watch("a"));
		this.fixture.put("a", "1");
		List<WatchResponse> responses = this.client.cancel(0);
		assertThat(responses).hasSize(2);
		assertThat(responses.get(0).getEventsCount()).isOne();
		assertThat(responses.get(1)).isEqualTo(WatchResponse.newBuilder()
			.setHeader(WatchFixture.HEADER.toBuilder().setRevision(2))
			.setCanceled(true)
			.build());
		this.fixture.put("a", "2");
		assertThat(this.client.run()).isEmpty();
	}

	@Test
	void cancelOfAnUnknownIdIsNotAnswered() {
		this.client.create(watch("a"));
		assertThat(this.client.cancel(1)).isEmpty();
		assertThat(this.client.cancel(0)).hasSize(1);
		assertThat(this.client.cancel(0)).isEmpty();
	}

	@Test
	void requestsOfAStreamThatIsNotReadyWait() {
		this.client.block();
		this.client.send(watch("a"));
		this.client.send(watch("b"));
		assertThat(this.client.run()).isEmpty();
		assertThat(this.client.sink.handledCount()).isZero();
		this.client.unblock();
		assertThat(ids(this.client.run())).containsExactly(0L, 1L);
		assertThat(this.client.sink.handledCount()).isEqualTo(2);
	}

	@Test
	void endOfTheStreamRemovesEverything() {
		Client other = this.fixture.client();
		other.create(watch("a"));
		this.fixture.put("a", "1");
		this.client.create(watch("a").setProgressNotify(true));
		this.client.create(watch("a", "z").setStartRevision(99));
		this.client.block();
		this.client.create(watchAll().setStartRevision(1));
		this.fixture.put("a", "2");
		this.client.run();
		assertThat(this.fixture.loop.stats().watchers()).isEqualTo(3);
		assertThat(this.fixture.loop.stats().slowWatchers()).isOne();
		this.client.stream.close();
		this.client.stream.close();
		this.client.run();
		assertThat(this.client.sink.isEnded()).isTrue();
		assertThat(this.fixture.loop.stats().watchers()).isOne();
		assertThat(this.fixture.loop.isEmpty()).isFalse();
		other.stream.close();
		this.fixture.run();
		assertThat(this.fixture.loop.isEmpty()).isTrue();
		this.fixture.put("a", "3");
		this.fixture.run();
	}

	@Test
	void endOfTheLoopEndsAllStreamsAndThoseThatComeLater() {
		this.client.create(watch("a"));
		Client unseen = this.fixture.client();
		unseen.stream.ready();
		this.fixture.loop.onClose();
		assertThat(this.client.sink.isEnded()).isTrue();
		assertThat(unseen.sink.isEnded()).isTrue();
		Client late = this.fixture.client();
		assertThat(late.sink.isEnded()).isFalse();
		late.send(watch("a"));
		assertThat(late.sink.isEnded()).isTrue();
		this.client.stream.close();
		late.stream.close();
	}

	static WatchResponse created(long id, long revision) {
		return WatchResponse.newBuilder()
			.setHeader(WatchFixture.HEADER.toBuilder().setRevision(revision))
			.setWatchId(id)
			.setCreated(true)
			.build();
	}

	private WatchResponse refused(String reason) {
		return created(-1, this.fixture.store.revision()).toBuilder().setCanceled(true).setCancelReason(reason).build();
	}

	static List<Long> ids(List<WatchResponse> responses) {
		return responses.stream().map(WatchResponse::getWatchId).toList();
	}

}
