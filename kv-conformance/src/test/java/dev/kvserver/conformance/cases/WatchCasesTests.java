package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest.FilterType;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Watch streams on both servers, response by response.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WatchCasesTests {

	private static final ByteString END = ByteString.copyFrom(new byte[1]);

	private static final String COMPACTED = "etcdserver: mvcc: required revision has been compacted";

	private final BothServers servers = new BothServers();

	@AfterAll
	void close() {
		this.servers.close();
	}

	@Test
	void refusedWatchersAreAnsweredAndTheStreamGoesOn() {
		play((server) -> {
			WatchConnection watch = server.watch();
			watch.create(key("r").setStartRevision(-1).build());
			watch.create(key("b").setRangeEnd(bytes("a")).build());
			watch.create(key("b").setRangeEnd(bytes("b")).build());
			watch.create(key("r").setWatchId(5).build());
			watch.create(key("r").setWatchId(5).build());
			List<WatchResponse> answers = server.keep(watch, 5);
			assertThat(answers).extracting(WatchResponse::getWatchId).containsExactly(-1L, -1L, -1L, 5L, -1L);
			assertThat(answers).extracting(WatchResponse::getCancelReason)
				.containsExactly(COMPACTED, "mvcc: watcher range is empty", "mvcc: watcher range is empty", "",
						"mvcc: duplicate watch ID provided on the WatchStream");
			server.put("r", "1");
			server.keep(watch, 1);
		});
	}

	@Test
	void automaticIdsLeaveOutThoseInUse() {
		play((server) -> {
			WatchConnection watch = server.watch();
			for (long id : new long[] { 1, 0, 0, -3, 0, 2, 0 }) {
				watch.create(key("ids").setWatchId(id).build());
			}
			server.keep(watch, 7);
			watch.cancel(0);
			server.keep(watch, 1);
			watch.create(key("ids").build());
			server.keep(watch, 1);
		});
	}

	@Test
	void requestWithoutContentIsIgnored() {
		play((server) -> {
			WatchConnection watch = server.watch();
			watch.send(WatchRequest.getDefaultInstance());
			watch.cancel(9);
			watch.requestProgress();
			watch.create(key("i").build());
			assertThat(server.keep(watch, 1)).hasSize(1);
		});
	}

	@Test
	void createdComesBeforeTheEventsOfThePast() {
		play((server) -> {
			long first = server.put("past", "1");
			server.put("past", "2");
			WatchConnection watch = server.watch();
			watch.create(key("past").setStartRevision(first).setPrevKv(true).build());
			server.await(watch, (response) -> response.getEventsCount() == 2, 1);
			List<WatchResponse> responses = server.keep(watch, 2);
			assertThat(responses.get(0).getCreated()).isTrue();
		});
	}

	@Test
	void allEventsOfATransactionComeTogetherInOrder() {
		play((server) -> {
			server.put("txn/c", "1");
			WatchConnection watch = server.watch();
			watch.create(key("txn/").setRangeEnd(bytes("txn0")).setPrevKv(true).build());
			server.keep(watch, 1);
			DeleteRangeRequest delete = DeleteRangeRequest.newBuilder().setKey(bytes("txn/c")).build();
			server.ask(KVGrpc.getTxnMethod(),
					TxnRequest.newBuilder()
						.addSuccess(put("txn/b"))
						.addSuccess(RequestOp.newBuilder().setRequestDeleteRange(delete))
						.addSuccess(put("txn/a"))
						.build());
			assertThat(server.keep(watch, 1).get(0).getEventsList()).hasSize(3);
		});
	}

	@Test
	void filtersLeaveOutPutsOrDeletions() {
		play((server) -> {
			WatchConnection watch = server.watch();
			watch.create(key("f").setWatchId(1).addFilters(FilterType.NOPUT).build());
			watch.create(key("f").setWatchId(2).addFilters(FilterType.NODELETE).build());
			watch.create(key("f").setWatchId(3).addFilters(FilterType.NODELETE).addFilters(FilterType.NOPUT).build());
			watch.create(key("f").setWatchId(4).addFiltersValue(7).build());
			server.keep(watch, 4);
			server.put("f", "1");
			server.await(watch, ofWatcher(4), 1);
			delete(server, "f");
			server.await(watch, ofWatcher(4), 2);
			server.await(watch, ofWatcher(1), 1);
			for (long id = 1; id <= 4; id++) {
				server.keep("watcher " + id, watch.take(ofWatcher(id)));
			}
		});
	}

	@Test
	void watcherOfTheFutureGetsNothingEarlier() {
		play((server) -> {
			long now = server.put("future", "now");
			WatchConnection watch = server.watch();
			watch.create(key("future").setStartRevision(now + 3).build());
			watch.requestProgress();
			server.keep(watch, 1);
			server.put("future", "1");
			server.put("future", "2");
			server.put("future", "3");
			List<WatchResponse> events = server.keep(watch, 1);
			assertThat(events.get(0).getEvents(0).getKv().getModRevision()).isEqualTo(now + 3);
			watch.requestProgress();
			server.keep(watch, 1);
		});
	}

	@Test
	void progressIsAnsweredForAllWatchersOrNotAtAll() {
		play((server) -> {
			long revision = server.put("progress", "1");
			WatchConnection watch = server.watch();
			watch.requestProgress();
			watch.create(key("progress").build());
			server.keep(watch, 1);
			watch.requestProgress();
			WatchResponse progress = server.keep(watch, 1).get(0);
			assertThat(progress.getWatchId()).isEqualTo(-1);
			assertThat(progress.getHeader().getRevision()).isEqualTo(revision);
			watch.create(key("progress").setStartRevision(revision + 100).build());
			watch.requestProgress();
			// The answer to the next request shows that the one before was passed over.
			watch.create(key("progress").setStartRevision(-1).build());
			assertThat(server.keep(watch, 2)).allMatch(WatchResponse::getCreated);
		});
	}

	@Test
	void idleWatcherIsToldTheRevisionNowAndThen() {
		play((server) -> {
			WatchConnection watch = server.watch();
			watch.create(key("idle").setProgressNotify(true).setWatchId(3).build());
			watch.create(key("idle").setWatchId(4).build());
			server.await(watch, ofWatcher(3), 3);
			server.keep("created", watch.take(WatchResponse::getCreated));
			List<WatchResponse> ticks = watch.take((any) -> true);
			server.keep("two ticks", ticks.subList(0, 2));
			assertThat(ticks).allMatch((tick) -> tick.getWatchId() == 3 && tick.getEventsCount() == 0);
		});
	}

	@Test
	void halfCloseDoesNotEndTheStream() {
		play((server) -> {
			WatchConnection watch = server.watch();
			watch.create(key("half").build());
			server.keep(watch, 1);
			watch.halfClose();
			server.put("half", "1");
			server.keep(watch, 1);
			server.put("half", "2");
			server.keep(watch, 1);
			assertThat(watch.end()).isNull();
		});
	}

	@Test
	void canceledWatcherIsSilentAndCannotBeCanceledTwice() {
		play((server) -> {
			WatchConnection watch = server.watch();
			watch.create(key("c").build());
			watch.create(key("c").build());
			server.keep(watch, 2);
			watch.cancel(0);
			watch.cancel(0);
			watch.cancel(77);
			server.keep(watch, 1);
			server.put("c", "1");
			assertThat(server.keep(watch, 1)).extracting(WatchResponse::getWatchId).containsExactly(1L);
		});
	}

	@Test
	void compactedWatcherKeepsItsIdUntilItIsCanceled() {
		play((server) -> {
			long first = server.put("gone", "1");
			server.compact(server.put("gone", "2"));
			WatchConnection watch = server.watch();
			watch.create(key("gone").setStartRevision(first).setWatchId(6).build());
			List<WatchResponse> responses = server.keep(watch, 2);
			assertThat(responses.get(1).getCompactRevision()).isEqualTo(first + 1);
			assertThat(responses.get(1).getCancelReason()).isEmpty();
			watch.requestProgress();
			watch.create(key("gone").setWatchId(6).build());
			watch.cancel(6);
			server.keep(watch, 2);
			watch.create(key("gone").setWatchId(6).build());
			server.keep(watch, 1);
			watch.requestProgress();
			server.keep(watch, 1);
		});
	}

	@Test
	void deletionAtTheCompactedRevisionIsSeen() {
		play((server) -> {
			server.put("deleted", "1");
			delete(server, "deleted");
			long put = server.put("other", "1");
			server.compact(put - 1);
			WatchConnection watch = server.watch();
			watch.create(key("a").setRangeEnd(END).setStartRevision(put - 1).setPrevKv(true).build());
			List<WatchResponse> responses = server.keep(watch, 2);
			assertThat(responses.get(1).getEventsList()).extracting(Event::getType)
				.containsExactly(Event.EventType.DELETE, Event.EventType.PUT);
		});
	}

	@Test
	void emptyKeyIsTheFirstKey() {
		play((server) -> {
			WatchConnection watch = server.watch();
			watch.create(WatchCreateRequest.newBuilder().setRangeEnd(END).setWatchId(1).build());
			watch.create(WatchCreateRequest.newBuilder().setWatchId(2).build());
			watch.create(WatchCreateRequest.newBuilder().setKey(END).setRangeEnd(END).setWatchId(3).build());
			server.keep(watch, 3);
			server.put("\0", "1");
			server.await(watch, (response) -> response.getEventsCount() == 1, 3);
			server.put("any", "1");
			server.await(watch, (response) -> response.getEventsCount() == 1, 5);
			for (long id = 1; id <= 3; id++) {
				server.keep("watcher " + id, watch.take(ofWatcher(id)));
			}
		});
	}

	@Test
	void largeResponseIsSplitWhenAskedFor() {
		String large = "x".repeat(700 * 1024);
		play((server) -> {
			long first = server.put("large", large);
			for (int i = 0; i < 6; i++) {
				server.put("large", large);
			}
			WatchConnection watch = server.watch();
			watch.create(key("large").setStartRevision(first).setFragment(true).setWatchId(1).build());
			server.await(watch, (response) -> response.getEventsCount() > 0 && !response.getFragment(), 1);
			List<WatchResponse> parts = server.keep(watch, 3);
			assertThat(parts.size()).isGreaterThan(3);
			// Not split: not larger than what clients take by default.
			watch.create(key("large").setStartRevision(first + 2).setWatchId(2).build());
			assertThat(server.keep(watch, 2).get(1).getEventsList()).hasSize(5);
		});
	}

	private void play(Consumer<Recorder> scenario) {
		assertThat(this.servers.play(scenario)).isNotEmpty();
	}

	private static void delete(Recorder server, String key) {
		server.ask(KVGrpc.getDeleteRangeMethod(), DeleteRangeRequest.newBuilder().setKey(bytes(key)).build());
	}

	private static RequestOp put(String key) {
		return RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(bytes(key))).build();
	}

	private static Predicate<WatchResponse> ofWatcher(long id) {
		return (response) -> response.getWatchId() == id;
	}

	private static WatchCreateRequest.Builder key(String key) {
		return WatchCreateRequest.newBuilder().setKey(bytes(key));
	}

	private static ByteString bytes(String text) {
		return ByteString.copyFromUtf8(text);
	}

}
