package dev.kvserver.server.rpc;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import dev.kvserver.proto.mvccpb.Event;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link MessageBatch} relies on, for the version of gRPC we build with: if a new
 * version frames differently these tests fail, not the clients. {@code RawHttp2Tests}
 * looks at the bytes.
 */
@Timeout(60)
class MessageBatchTests {

	private static final int WATCHERS = 200;

	@Test
	void batchedMessagesReachAPlainClientOneByOne() throws InterruptedException {
		try (WatchServer server = WatchServer.batching()) {
			assertThat(eventsOf(server)).isEqualTo(expected());
			// Counted when they have been sent, which the client may see first.
			WatchServiceTests.await(() -> server.service.sentBehind().messages() > WATCHERS);
			assertThat(server.service.sentBehind().bytes()).isGreaterThan(WATCHERS * 20);
		}
	}

	@Test
	void withoutTheAllocatorMessagesAreSentSingly() throws InterruptedException {
		try (WatchServer server = WatchServer.plain()) {
			assertThat(eventsOf(server)).isEqualTo(expected());
			assertThat(server.service.sentBehind().messages()).isZero();
		}
	}

	@Test
	void inProcessMessagesAreSentSingly() throws InterruptedException {
		try (WatchServer server = WatchServer.inProcess()) {
			assertThat(eventsOf(server)).isEqualTo(expected());
			assertThat(server.service.sentBehind().messages()).isZero();
		}
	}

	@Test
	void compressedMessagesAreSentSingly() throws InterruptedException {
		try (WatchServer server = WatchServer.batching((builder) -> builder.intercept(new Compressing()))) {
			assertThat(eventsOf(server)).isEqualTo(expected());
			assertThat(server.service.sentBehind().messages()).isZero();
		}
	}

	@Test
	void largeMessagesAreBatchedUpToABound() throws InterruptedException {
		try (WatchServer server = WatchServer.batching()) {
			WatchClient client = server.client();
			client.create(WatchClient.watch("a"));
			String[] values = new String[40];
			for (int i = 0; i < values.length; i++) {
				values[i] = "v".repeat(1 + i * 2_500);
			}
			server.put("a", values);
			server.put("a", "x".repeat(1_200_000));
			List<Event> events = client.takeEvents(41);
			for (int i = 0; i < 40; i++) {
				assertThat(events.get(i).getKv().getValue().size()).isEqualTo(1 + i * 2_500);
			}
			assertThat(events.get(40).getKv().getValue().size()).isEqualTo(1_200_000);
		}
	}

	@Test
	void onlyTheFirstMessageIsWrittenUnlessTheFramerWaitsForIt() throws IOException {
		byte[] two = { 9, 1, 2, 3, 0, 0, 0, 0, 1, 4 };
		ByteBuf wrongLength = Unpooled.buffer(14, 14).writeByte(0).writeInt(2);
		ByteBuf compressed = Unpooled.buffer(14, 14).writeByte(1).writeInt(3);
		ByteBuf tooSmall = Unpooled.buffer(8, 8).writeByte(0).writeInt(3);
		ByteBuf used = Unpooled.buffer(15, 15).writeByte(7).writeByte(0).writeInt(3);
		for (ByteBuf buffer : List.of(wrongLength, compressed, tooSmall, used)) {
			MessageBatch batch = new MessageBatch(two, 1, 4, 10);
			batch.granted(buffer);
			assertThat(drained(batch)).containsExactly(1, 2, 3);
			assertThat(batch.isComplete()).isFalse();
		}
		MessageBatch batch = new MessageBatch(two, 1, 4, 10);
		batch.granted(Unpooled.buffer(14, 14).writeByte(0).writeInt(3));
		assertThat(drained(batch)).containsExactly(1, 2, 3, 0, 0, 0, 0, 1, 4);
		assertThat(batch.isComplete()).isTrue();
	}

	@Test
	void readAsAStreamThereIsOnlyTheFirstMessage() throws IOException {
		byte[] two = { 9, 1, 2, 3, 0, 0, 0, 0, 1, 4 };
		MessageBatch batch = new MessageBatch(two, 1, 4, 10);
		assertThat(batch.available()).isEqualTo(3);
		assertThat(batch.read()).isEqualTo(1);
		assertThat(batch.readAllBytes()).containsExactly(2, 3);
		assertThat(batch.read()).isEqualTo(-1);
		assertThat(batch.isComplete()).isFalse();
	}

	@Test
	void allocatorGivesTheLargeBufferOnlyOnceAndOnlyForTheRightSize() {
		BatchAllocator allocator = new BatchAllocator();
		MessageBatch batch = new MessageBatch(new byte[100], 5, 20, 100);
		BatchAllocator.announce(batch);
		assertCapacity(allocator.buffer(21, 21), 21);
		assertCapacity(allocator.buffer(20, 20), 100);
		assertCapacity(allocator.buffer(20, 20), 20);
		BatchAllocator.announce(batch);
		BatchAllocator.withdraw();
		assertCapacity(allocator.buffer(20, 20), 20);
	}

	private static void assertCapacity(ByteBuf buffer, int expected) {
		assertThat(buffer.capacity()).isEqualTo(expected);
		buffer.release();
	}

	private static byte[] drained(MessageBatch batch) throws IOException {
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		assertThat(batch.drainTo(out)).isEqualTo(3);
		return out.toByteArray();
	}

	/** For each of many watchers of one key, the values it got, in order. */
	private static List<List<String>> eventsOf(WatchServer server) throws InterruptedException {
		WatchClient client = server.client();
		List<List<String>> events = new ArrayList<>();
		for (int i = 0; i < WATCHERS; i++) {
			client.create(WatchClient.watch("a"));
			events.add(new ArrayList<>());
		}
		server.put("a", "one");
		server.put("a", "two", "three");
		for (int i = 0; i < 3 * WATCHERS; i++) {
			var response = client.take();
			List<String> own = events.get((int) response.getWatchId());
			response.getEventsList().forEach((event) -> own.add(event.getKv().getValue().toStringUtf8()));
		}
		assertThat(client.isOpen()).isTrue();
		return events;
	}

	private static List<List<String>> expected() {
		List<List<String>> expected = new ArrayList<>();
		for (int i = 0; i < WATCHERS; i++) {
			expected.add(List.of("one", "two", "three"));
		}
		return expected;
	}

	/** Compresses what is sent, as an application's interceptor might. */
	private static final class Compressing implements ServerInterceptor {

		@Override
		public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers,
				ServerCallHandler<Q, A> next) {
			call.setCompression("gzip");
			return next.startCall(call, headers);
		}

	}

}
