package dev.kvserver.server.port;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.kvserver.server.port.Eventually.assertEventually;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a peer gets that sends odd HTTP/2, held against what etcd answers.
 */
class GrpcProtocolTests {

	private static final String ECHO = "/test.Service/Echo";

	private static final String WATCH = "/test.Service/Watch";

	private static final String RANGE = "/etcdserverpb.KV/Range";

	private static final byte[] EMPTY = {};

	private OpenPort server = new OpenPort(UnaryOperator.identity());

	@AfterEach
	void close() {
		this.server.close();
	}

	private void restart(UnaryOperator<PortOptions.Builder> options) {
		this.server.close();
		this.server = new OpenPort(options);
	}

	private RawHttp2 connect() throws IOException {
		return new RawHttp2(this.server.port.port());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			GET||415|application/grpc|3 invalid gRPC request content-type ""
			HEAD||415|application/grpc|3 invalid gRPC request content-type ""
			POST|text/%|415|application/grpc|3 invalid gRPC request content-type "text/%25"
			POST|x"\\|415|application/grpc|3 invalid gRPC request content-type "x\\"\\\\"
			PUT|application/grpcs|415|application/grpc|3 invalid gRPC request content-type "application/grpcs"
			POST|Application/grpc|415|application/grpc|3 invalid gRPC request content-type "Application/grpc"
			GET|application/grpc|405|application/grpc|13 Received a HEADERS frame with :method "GET" \
			which should be POST
			PUT|application/grpc;x|405|application/grpc+x|13 Received a HEADERS frame with :method "PUT" \
			which should be POST
			""")
	void whatIsNoCallIsAnsweredWithoutABody(String method, @Nullable String type, String httpStatus, String answerType,
			String status) throws IOException {
		byte[] head = (type != null)
				? RawHttp2.headers(":method", method, ":scheme", "http", ":path", ECHO, ":authority", "x",
						"content-type", type)
				: RawHttp2.headers(":method", method, ":scheme", "http", ":path", ECHO, ":authority", "x");
		try (RawHttp2 client = connect()) {
			client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS | RawHttp2.END_STREAM, 1, head);
			assertThat(client.outcome(1).headers()).containsEntry(":status", httpStatus)
				.containsEntry("content-type", answerType);
			assertThat(client.frame(RawHttp2.HEADERS, RawHttp2.END_HEADERS, 3, head).outcome(3).status())
				.isEqualTo(status);
			assertThat(this.server.services.remotes).isEmpty();
			client.message(3, EMPTY, true);
			assertThat(client.call(5, ECHO).message(5, EMPTY, true).outcome(5).status()).isEqualTo("0 ");
		}
	}

	@Test
	void thirdPingOfAnIdleConnectionIsOneTooMany() throws IOException {
		try (RawHttp2 client = connect()) {
			client.ping(1).ping(2);
			client.await(RawHttp2.PING);
			client.await(RawHttp2.PING);
			client.ping(3);
			assertTooManyPings(client);
		}
	}

	@Test
	void thirdPingWithinMinTimeIsOneTooManyDuringACall() throws IOException {
		try (RawHttp2 client = connect()) {
			client.call(1, WATCH).ping(1).ping(2).ping(3).ping(4);
			assertTooManyPings(client);
			assertEventually("the call is over", () -> this.server.services.openWatches.get() == 0);
		}
	}

	@Test
	void pingsAreWelcomeWhenMinTimeIsZero() throws IOException {
		restart((options) -> options.keepAliveMinTime(Duration.ZERO).keepAliveWithoutStream(true));
		try (RawHttp2 client = connect()) {
			for (int i = 0; i < 50; i++) {
				client.ping(i);
				assertThat(client.await(RawHttp2.PING).flags()).isEqualTo(RawHttp2.ACK);
			}
		}
	}

	private static void assertTooManyPings(RawHttp2 client) throws IOException {
		RawHttp2.Frame goAway = client.await(RawHttp2.GOAWAY);
		assertThat(goAway.goAwayCode()).isEqualTo(11);
		assertThat(goAway.goAwayText()).isEqualTo("too_many_pings");
		assertThat(client.connection().readToEnd()).isEmpty();
	}

	@Test
	void aPeerThatAcknowledgesNoPingIsGivenUp() throws IOException {
		restart((options) -> options.keepAliveInterval(Duration.ofMillis(50)).keepAliveTimeout(Duration.ofMillis(50)));
		try (RawHttp2 client = connect()) {
			client.call(1, WATCH);
			client.await(RawHttp2.PING);
			client.connection().readToEnd();
			assertEventually("the call is over", () -> this.server.services.openWatches.get() == 0);
		}
	}

	@Test
	void unknownMethodIsAnsweredBeforeItsMessage() throws IOException {
		try (RawHttp2 client = connect()) {
			assertThat(client.call(1, "/test.Service/Nix").outcome(1).status())
				.isEqualTo("12 unknown method Nix for service test.Service");
			assertThat(client.call(3, "/test.Nix/Echo").outcome(3).status()).isEqualTo("12 unknown service test.Nix");
			assertThat(client.call(5, "/Echo").outcome(5).status()).isEqualTo("12 malformed method name: \"/Echo\"");
			assertThat(client.call(7, "//test.Service/Echo").outcome(7).status())
				.isEqualTo("12 unknown service /test.Service");
		}
	}

	@Test
	void aPathWithoutSlashReachesNoMethod() throws IOException {
		try (RawHttp2 client = connect()) {
			assertThat(client.call(1, "test.Service/Echo").message(1, EMPTY, true).outcome(1).status())
				.startsWith("12 ");
			assertThat(this.server.services.remotes).isEmpty();
		}
	}

	@Test
	void aMessageOfTheLargestSizeIsRead() throws IOException {
		restart((options) -> options.maxRequestBytes(1000));
		try (RawHttp2 client = connect()) {
			client.call(1, ECHO);
			sendInFrames(client, 1, RawHttp2.delimited(new byte[1000 + PortOptions.MESSAGE_OVERHEAD_BYTES]));
			assertThat(client.outcome(1).status()).startsWith("0");
		}
	}

	private static void sendInFrames(RawHttp2 client, int stream, byte[] bytes) throws IOException {
		int max = 16_384;
		for (int from = 0; from < bytes.length; from += max) {
			int to = Math.min(bytes.length, from + max);
			client.frame(RawHttp2.DATA, (to == bytes.length) ? RawHttp2.END_STREAM : 0, stream,
					Arrays.copyOfRange(bytes, from, to));
		}
	}

	@Test
	void aMessageOneByteLargerIsRefusedInGrpcGosWords() throws IOException {
		try (RawHttp2 client = connect()) {
			client.call(1, ECHO).frame(RawHttp2.DATA, 0, 1, RawHttp2.delimitedHead(2_097_153));
			RawHttp2.Outcome outcome = client.outcome(1);
			assertThat(outcome.status()).isEqualTo("8 grpc: received message larger than max (2097153 vs. 2097152)");
			assertThat(outcome.headers()).containsEntry(":status", "200")
				.containsEntry("content-type", "application/grpc");
			assertThat(client.call(3, ECHO).message(3, EMPTY, true).outcome(3).status()).startsWith("0");
		}
	}

	@Test
	void aMessageOfFourGigabytesIsRefused() throws IOException {
		try (RawHttp2 client = connect()) {
			client.call(1, ECHO).frame(RawHttp2.DATA, 0, 1, RawHttp2.delimitedHead(-1));
			assertThat(client.outcome(1).status())
				.isEqualTo("8 grpc: received message larger than max (4294967295 vs. 2097152)");
		}
	}

	@Test
	void theRestOfARefusedMessageIsDropped() throws IOException {
		restart((options) -> options.maxRequestBytes(1000).flowControlWindowBytes(65_535));
		try (RawHttp2 client = connect()) {
			client.call(1, ECHO).frame(RawHttp2.DATA, 0, 1, RawHttp2.delimitedHead(100_000_000));
			assertThat(client.outcome(1).status()).startsWith("8 ");
			for (int i = 0; i < 50; i++) {
				client.frame(RawHttp2.DATA, 0, 1, new byte[1000]);
			}
			assertThat(client.call(3, ECHO).message(3, EMPTY, true).outcome(3).status()).startsWith("0");
		}
	}

	@Test
	void aTooLargeMessageEndsAStreamThatHasAnswered() throws Exception {
		try (RawHttp2 client = connect()) {
			client.call(1, WATCH).message(1, new byte[] { 7 }, false);
			assertThat(client.await(RawHttp2.DATA).payload().byteAt(5)).isEqualTo((byte) 7);
			client.frame(RawHttp2.DATA, 0, 1, RawHttp2.delimitedHead(2_097_153));
			assertThat(client.outcome(1).status())
				.isEqualTo("8 grpc: received message larger than max (2097153 vs. 2097152)");
			assertEventually("the service knows", () -> this.server.services.openWatches.get() == 0);
			StreamObserver<byte[]> owner = this.server.services.watches.poll(10, TimeUnit.SECONDS);
			assertThat(owner).isNotNull();
		}
	}

	@Test
	void messagesAreReadHoweverTheyAreCutIntoFrames() throws IOException {
		byte[] first = RawHttp2.delimited(new byte[] { 1, 2, 3 });
		byte[] second = RawHttp2.delimited(new byte[] { 4, 5 });
		byte[] both = new byte[first.length + second.length];
		System.arraycopy(first, 0, both, 0, first.length);
		System.arraycopy(second, 0, both, first.length, second.length);
		try (RawHttp2 client = connect()) {
			int stream = 1;
			for (int cut = 0; cut <= both.length; cut++) {
				client.call(stream, WATCH)
					.frame(RawHttp2.DATA, 0, stream, Arrays.copyOfRange(both, 0, cut))
					.frame(RawHttp2.DATA, 0, stream, Arrays.copyOfRange(both, cut, both.length));
				assertThat(echoes(client, both.length)).isEqualTo(both);
				client.frame(RawHttp2.RST_STREAM, 0, stream, (byte) 0, (byte) 0, (byte) 0, (byte) 8);
				stream += 2;
			}
		}
	}

	private static byte[] echoes(RawHttp2 client, int length) throws IOException {
		ByteString echoes = ByteString.EMPTY;
		while (echoes.size() < length) {
			echoes = echoes.concat(client.await(RawHttp2.DATA).payload());
		}
		return echoes.toByteArray();
	}

	@Test
	void aTooLargeMessageIsSeenHoweverItIsCutIntoFrames() throws IOException {
		byte[] small = RawHttp2.delimited(new byte[] { 1, 2, 3 });
		byte[] head = RawHttp2.delimitedHead(2_097_153);
		byte[] both = new byte[small.length + head.length];
		System.arraycopy(small, 0, both, 0, small.length);
		System.arraycopy(head, 0, both, small.length, head.length);
		try (RawHttp2 client = connect()) {
			int stream = 1;
			for (int cut = 0; cut <= both.length; cut++) {
				client.call(stream, WATCH)
					.frame(RawHttp2.DATA, 0, stream, Arrays.copyOfRange(both, 0, cut))
					.frame(RawHttp2.DATA, 0, stream, Arrays.copyOfRange(both, cut, both.length));
				assertThat(client.outcome(stream).status()).startsWith("8 ");
				stream += 2;
			}
		}
	}

	@Test
	void aMessageThatIsNoProtobufIsInternal() throws IOException {
		byte[] garbage = { 0x0a, -1 };
		String cause = "proto: cannot parse invalid wire-format data";
		try (RawHttp2 client = connect()) {
			assertThat(client.call(1, RANGE).message(1, garbage, true).outcome(1).status())
				.isEqualTo("13 grpc: error unmarshalling request: " + cause);
			assertThat(client.call(3, "/etcdserverpb.Watch/Watch").message(3, garbage, false).outcome(3).status())
				.isEqualTo("13 grpc: failed to unmarshal the received message: " + cause);
			assertThat(client.call(5, ECHO).message(5, EMPTY, true).outcome(5).status()).startsWith("0");
		}
	}

	@Test
	void brokenMessagePrefixesAndEncodingsAreRefusedWithEtcdsCodes() throws IOException {
		try (RawHttp2 client = connect()) {
			assertThat(client.call(1, RANGE).frame(0, 1, 1, new byte[] { 2, 0, 0, 0, 0 }).outcome(1).status())
				.startsWith("13 ");
			assertThat(client.call(3, RANGE).frame(0, 1, 3, new byte[] { 1, 0, 0, 0, 0 }).outcome(3).status())
				.startsWith("13 ");
			assertThat(client.call(5, RANGE, "grpc-encoding", "snappy")
				.frame(0, 1, 5, new byte[] { 1, 0, 0, 0, 1, 0 })
				.outcome(5)
				.status()).startsWith("12 ");
			assertThat(client.call(7, RANGE, "grpc-encoding", "gzip")
				.frame(0, 1, 7, new byte[] { 1, 0, 0, 0, 2, 0, 0 })
				.outcome(7)
				.status()).startsWith("13 ");
		}
	}

	@Test
	void anExceptionBecomesAStatusAndTheConnectionLives() throws IOException {
		try (RawHttp2 client = connect()) {
			assertThat(client.call(1, "/test.Service/Throw").message(1, EMPTY, true).outcome(1).status())
				.startsWith("2 unexpected error");
			assertThat(client.call(3, "/test.Service/ThrowAtStart").message(3, EMPTY, true).outcome(3).status())
				.startsWith("2 ");
			assertThat(client.call(5, ECHO).message(5, EMPTY, true).outcome(5).status()).startsWith("0");
		}
	}

	@Test
	void clientApiVersionMustBeUtf8() throws IOException {
		String invalid = "3 etcdserver: invalid client api version";
		try (RawHttp2 client = connect()) {
			assertThat(callWithVersions(client, 1, "\u00ff\u00fe")).isEqualTo(invalid);
			assertThat(callWithVersions(client, 3, "\u00c3\u00a9")).startsWith("0");
			assertThat(callWithVersions(client, 5, "3.7")).startsWith("0");
			assertThat(callWithVersions(client, 7, "\u00ff", "3.7")).isEqualTo(invalid);
			assertThat(callWithVersions(client, 9, "3.7", "\u00ff")).startsWith("0");
			assertThat(client.call(11, WATCH, "client-api-version", "\u00ff").outcome(11).status()).isEqualTo(invalid);
			assertThat(client.call(13, "/test.Service/Nix", "client-api-version", "\u00ff").outcome(13).status())
				.startsWith("12 ");
		}
	}

	private static String callWithVersions(RawHttp2 client, int stream, String... versions) throws IOException {
		String[] metadata = new String[versions.length * 2];
		for (int i = 0; i < versions.length; i++) {
			metadata[2 * i] = "client-api-version";
			metadata[2 * i + 1] = versions[i];
		}
		return client.call(stream, ECHO, metadata).message(stream, EMPTY, true).outcome(stream).status();
	}

	@Test
	void connectionHeadersAndUpperCaseResetTheStreamOnly() throws IOException {
		try (RawHttp2 client = connect()) {
			assertThat(client.call(1, ECHO, "connection", "close").outcome(1).resetCode()).isEqualTo(1);
			assertThat(client.call(3, ECHO, "Foo", "x").outcome(3).resetCode()).isEqualTo(1);
			assertThat(client.call(5, ECHO).message(5, EMPTY, true).outcome(5).status()).startsWith("0");
		}
	}

	@Test
	void framesThatBreakTheProtocolCloseTheConnection() throws IOException {
		try (RawHttp2 onStreamZero = connect(); RawHttp2 oversize = connect(); RawHttp2 evenStream = connect()) {
			onStreamZero.frame(RawHttp2.DATA, 0, 0, (byte) 1).await(RawHttp2.GOAWAY);
			oversize.frame(RawHttp2.DATA, 0, 1, new byte[20_000]).await(RawHttp2.GOAWAY);
			evenStream.call(2, ECHO).await(RawHttp2.GOAWAY);
			onStreamZero.connection().readToEnd();
			oversize.connection().readToEnd();
			evenStream.connection().readToEnd();
		}
	}

	@Test
	void aFrameOfAnUnknownTypeIsIgnored() throws IOException {
		try (RawHttp2 client = connect()) {
			assertThat(client.frame(0x77, 0, 0, (byte) 1).call(1, ECHO).message(1, EMPTY, true).outcome(1).status())
				.startsWith("0");
		}
	}

	@Test
	void moreStreamsThanAllowedAreRefused() throws IOException {
		restart((options) -> options.maxConcurrentStreams(2));
		try (RawHttp2 client = connect()) {
			client.call(1, WATCH).call(3, WATCH).call(5, WATCH);
			assertThat(client.await(RawHttp2.RST_STREAM).stream()).isEqualTo(5);
			client.frame(RawHttp2.RST_STREAM, 0, 1, (byte) 0, (byte) 0, (byte) 0, (byte) 8).call(7, ECHO);
			assertThat(client.message(7, EMPTY, true).outcome(7).status()).startsWith("0");
		}
	}

}
