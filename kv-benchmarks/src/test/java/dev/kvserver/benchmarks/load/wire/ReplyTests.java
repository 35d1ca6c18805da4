package dev.kvserver.benchmarks.load.wire;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.LeaseGrantResponse;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import dev.kvserver.proto.etcdserverpb.ResponseOp;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What protobuf writes, read by hand. */
class ReplyTests {

	private static final ResponseHeader HEADER = ResponseHeader.newBuilder()
		.setClusterId(-3)
		.setMemberId(Long.MIN_VALUE)
		.setRevision(1_234_567)
		.setRaftTerm(2)
		.build();

	private static final KeyValue FIRST = keyValue("a", "12345678 and more", 300);

	private static final KeyValue SECOND = keyValue("b", "", 1);

	private final Reply reply = new Reply();

	private final List<String> seen = new ArrayList<>();

	@Test
	void putIsRead() {
		read(Rpc.PUT, PutResponse.newBuilder().setHeader(HEADER).setPrevKv(FIRST).build());
		assertThat(this.reply.revision()).isEqualTo(1_234_567);
		assertThat(this.seen).isEmpty();
	}

	@Test
	void rangeIsRead() {
		read(Rpc.RANGE,
				RangeResponse.newBuilder()
					.setHeader(HEADER)
					.addKvs(FIRST)
					.addKvs(SECOND)
					.setMore(true)
					.setCount(7)
					.build());
		assertThat(this.seen).containsExactly("a=12345678 and more@300", "b=@1");
		assertThat(this.reply.keyValues()).isEqualTo(2);
		assertThat(this.reply.count()).isEqualTo(7);
		assertThat(this.reply.more()).isTrue();
	}

	@Test
	void nothingIsLeftOfTheReplyBefore() {
		read(Rpc.RANGE, RangeResponse.newBuilder().setHeader(HEADER).addKvs(FIRST).setMore(true).setCount(7).build());
		read(Rpc.RANGE, RangeResponse.getDefaultInstance());
		assertThat(this.reply.revision()).isZero();
		assertThat(this.reply.keyValues()).isZero();
		assertThat(this.reply.count()).isZero();
		assertThat(this.reply.more()).isFalse();
	}

	@Test
	void rangeInTxnIsRead() {
		read(Rpc.TXN,
				TxnResponse.newBuilder()
					.setHeader(HEADER)
					.addResponses(ResponseOp.newBuilder().setResponsePut(PutResponse.newBuilder().setHeader(HEADER)))
					.addResponses(ResponseOp.newBuilder()
						.setResponseRange(RangeResponse.newBuilder().setHeader(HEADER).addKvs(FIRST).setCount(1)))
					.build());
		assertThat(this.reply.succeeded()).isFalse();
		assertThat(this.reply.revision()).isEqualTo(1_234_567);
		assertThat(this.seen).containsExactly("a=12345678 and more@300");
		read(Rpc.TXN, TxnResponse.newBuilder().setHeader(HEADER).setSucceeded(true).build());
		assertThat(this.reply.succeeded()).isTrue();
	}

	@Test
	void deleteAndLeaseAreRead() {
		read(Rpc.DELETE_RANGE, DeleteRangeResponse.newBuilder().setHeader(HEADER).setDeleted(4).build());
		assertThat(this.reply.count()).isEqualTo(4);
		read(Rpc.LEASE_GRANT, LeaseGrantResponse.newBuilder().setHeader(HEADER).setID(99).setTTL(60).build());
		assertThat(this.reply.leaseId()).isEqualTo(99);
		assertThat(this.reply.ttlSeconds()).isEqualTo(60);
	}

	@Test
	void watchEventsAreRead() {
		byte[] bytes = WatchResponse.newBuilder()
			.setHeader(HEADER)
			.setWatchId(5)
			.addEvents(Event.newBuilder().setKv(FIRST))
			.addEvents(Event.newBuilder().setType(Event.EventType.DELETE).setKv(SECOND).setPrevKv(FIRST))
			.build()
			.toByteArray();
		WatchReply watch = new WatchReply();
		watch.read(bytes, 0, bytes.length);
		watch.events((deleted, keyValue) -> this.seen.add((deleted ? "delete " : "put ") + text(keyValue)));
		assertThat(watch.watchId()).isEqualTo(5);
		assertThat(watch.created()).isFalse();
		assertThat(watch.canceled()).isFalse();
		assertThat(this.seen).containsExactly("put a=12345678 and more@300", "delete b=@1");
	}

	@Test
	void canceledWatchSaysWhy() {
		byte[] bytes = WatchResponse.newBuilder()
			.setWatchId(-1)
			.setCreated(true)
			.setCanceled(true)
			.setCompactRevision(9)
			.setCancelReason("because")
			.build()
			.toByteArray();
		WatchReply watch = new WatchReply();
		watch.read(bytes, 0, bytes.length);
		assertThat(watch.watchId()).isEqualTo(-1);
		assertThat(watch.created()).isTrue();
		assertThat(watch.canceled()).isTrue();
		assertThat(watch.reason()).isEqualTo("because (compacted at 9)");
	}

	@Test
	void stampIsTheFrontOfTheValue() {
		byte[] bytes = RangeResponse.newBuilder()
			.addKvs(KeyValue.newBuilder().setValue(ByteString.copyFrom(new byte[] { 1, 2, 0, 0, 0, 0, 0, 0, 9 })))
			.addKvs(SECOND)
			.build()
			.toByteArray();
		List<Long> stamps = new ArrayList<>();
		this.reply.read(Rpc.RANGE, bytes, 0, bytes.length, (keyValue) -> stamps.add(keyValue.valueStamp()));
		assertThat(stamps).containsExactly(513L, -1L);
	}

	@Test
	void everyCutOrBrokenMessageIsReadOrRefused() {
		byte[] whole = RangeResponse.newBuilder().setHeader(HEADER).addKvs(FIRST).setCount(2).build().toByteArray();
		for (int length = 0; length < whole.length; length++) {
			byte[] cut = new byte[length];
			System.arraycopy(whole, 0, cut, 0, length);
			readOrRefuse(cut);
		}
		SplittableRandom random = new SplittableRandom(1);
		for (int i = 0; i < 10_000; i++) {
			byte[] broken = whole.clone();
			broken[random.nextInt(broken.length)] = (byte) random.nextInt();
			readOrRefuse(broken);
		}
	}

	private void readOrRefuse(byte[] bytes) {
		try {
			this.reply.read(Rpc.RANGE, bytes, 0, bytes.length, ReplyTests::text);
		}
		catch (MalformedMessageException ex) {
			assertThat(ex).hasMessageMatching("(a|unknown) .*");
		}
	}

	@Test
	void fieldBeyondTheEndIsRefused() {
		byte[] bytes = { 0x12, 0x05, 0x0a };
		assertThatExceptionOfType(MalformedMessageException.class)
			.isThrownBy(() -> this.reply.read(Rpc.RANGE, bytes, 0, bytes.length, KeyValueSink.NONE))
			.withMessage("a field of 5 bytes where 1 are");
	}

	private void read(Rpc rpc, MessageLite message) {
		// Not at the front of the array, as in a frame.
		byte[] content = message.toByteArray();
		byte[] bytes = new byte[content.length + 7];
		System.arraycopy(content, 0, bytes, 5, content.length);
		this.reply.read(rpc, bytes, 5, 5 + content.length, (keyValue) -> this.seen.add(text(keyValue)));
	}

	private static String text(KeyValueView view) {
		String key = new String(view.array(), view.keyOffset(), view.keyLength(), StandardCharsets.UTF_8);
		byte[] value = new byte[view.valueLength()];
		for (KeyValue known : List.of(FIRST, SECOND)) {
			if (view.valueEquals(known.getValue().toByteArray())) {
				value = known.getValue().toByteArray();
			}
		}
		return key + "=" + new String(value, StandardCharsets.UTF_8) + "@" + view.modRevision();
	}

	private static KeyValue keyValue(String key, String value, long modRevision) {
		return KeyValue.newBuilder()
			.setKey(ByteString.copyFromUtf8(key))
			.setValue(ByteString.copyFromUtf8(value))
			.setModRevision(modRevision)
			.setCreateRevision(1)
			.setVersion(2)
			.setLease(77)
			.build();
	}

}
