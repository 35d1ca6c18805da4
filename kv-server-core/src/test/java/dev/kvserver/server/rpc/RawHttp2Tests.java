package dev.kvserver.server.rpc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The bytes that {@link MessageBatch} puts on the wire, read without any library.
 */
@Timeout(60)
class RawHttp2Tests {

	private static final int WATCHERS = 100;

	/** What HTTP/2 allows before the receiver says otherwise. */
	private static final int FIRST_WINDOW = 65_535;

	private static final int FRAME_MAX = 16_384;

	@Test
	void eachResponseIsAMessageOfItsOwnAndFramesAreShared() throws IOException, InterruptedException {
		try (WatchServer server = WatchServer.batching(); Http2Socket socket = open(server)) {
			server.put("a", "x".repeat(100));
			List<WatchResponse> responses = readEvents(socket, WATCHERS);
			assertThat(responses).hasSize(2 * WATCHERS);
			for (int i = 0; i < WATCHERS; i++) {
				WatchResponse response = responses.get(WATCHERS + i);
				assertThat(response.getWatchId()).isEqualTo(i);
				assertThat(response.getEvents(0).getKv().getValue().size()).isEqualTo(100);
			}
			WatchServiceTests.await(() -> server.service.sentBehind().messages() > 0);
			assertThat(socket.dataFrameCount()).isLessThan(2 * WATCHERS);
		}
	}

	@Test
	void flowControlOfTheReceiverHolds() throws IOException, InterruptedException {
		try (WatchServer server = WatchServer.batching(); Http2Socket socket = open(server)) {
			for (int i = 0; i < 5; i++) {
				server.put("a", "x".repeat(1_000));
			}
			socket.readData(FIRST_WINDOW);
			socket.readUpToPing();
			assertThat(socket.data()).hasSize(FIRST_WINDOW);
			socket.grant(10_000);
			socket.readData(FIRST_WINDOW + 10_000);
			socket.readUpToPing();
			assertThat(socket.data()).hasSize(FIRST_WINDOW + 10_000);
			WatchServiceTests.await(() -> server.loop.stats().slowWatchers() > 0);
			socket.grant(10_000_000);
			List<WatchResponse> responses = readEvents(socket, 5 * WATCHERS);
			for (int watcher = 0; watcher < WATCHERS; watcher++) {
				assertThat(revisions(responses, watcher)).containsExactly(2L, 3L, 4L, 5L, 6L);
			}
			assertThat(socket.largestFrameBytes()).isLessThanOrEqualTo(FRAME_MAX);
		}
	}

	/** A connection with watchers of one key, which have been created. */
	private static Http2Socket open(WatchServer server) throws IOException {
		Http2Socket socket = new Http2Socket(server.port(), "/etcdserverpb.Watch/Watch");
		for (int i = 0; i < WATCHERS; i++) {
			WatchCreateRequest create = WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8("a")).build();
			socket.message(WatchRequest.newBuilder().setCreateRequest(create).build().toByteArray());
		}
		while (messages(socket.data()).size() < WATCHERS) {
			socket.readData(socket.data().length + 1);
		}
		return socket;
	}

	private static List<WatchResponse> readEvents(Http2Socket socket, int count) throws IOException {
		while (true) {
			List<WatchResponse> responses = messages(socket.data());
			if (responses.stream().mapToInt(WatchResponse::getEventsCount).sum() == count) {
				return responses;
			}
			socket.readData(socket.data().length + 1);
		}
	}

	private static List<Long> revisions(List<WatchResponse> responses, long watchId) {
		return responses.stream()
			.filter((response) -> response.getWatchId() == watchId)
			.flatMap((response) -> response.getEventsList().stream())
			.map((event) -> event.getKv().getModRevision())
			.toList();
	}

	/** The complete messages at the front of some bytes. */
	private static List<WatchResponse> messages(byte[] bytes) throws IOException {
		List<WatchResponse> messages = new ArrayList<>();
		ByteBuffer rest = ByteBuffer.wrap(bytes);
		while (rest.remaining() >= 5) {
			assertThat(rest.get()).isZero();
			int length = rest.getInt();
			if (rest.remaining() < length) {
				return messages;
			}
			messages.add(WatchResponse.parseFrom(rest.slice(rest.position(), length)));
			rest.position(rest.position() + length);
		}
		return messages;
	}

}
