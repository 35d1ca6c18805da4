package dev.kvserver.benchmarks.load.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.Compare;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RequestOp;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What is written by hand, read by protobuf. */
class RequestsTests {

	private static final byte[] KEY = "key".getBytes(StandardCharsets.UTF_8);

	private static final byte[] END = "kez".getBytes(StandardCharsets.UTF_8);

	private final MessageWriter out = new MessageWriter();

	@Test
	void rangeIsWhatProtobufReads() throws InvalidProtocolBufferException {
		Requests.range(this.out, KEY, END, 300, true, false);
		assertThat(RangeRequest.parseFrom(message())).isEqualTo(RangeRequest.newBuilder()
			.setKey(bytes(KEY))
			.setRangeEnd(bytes(END))
			.setLimit(300)
			.setKeysOnly(true)
			.build());
	}

	@Test
	void countIsWhatProtobufReads() throws InvalidProtocolBufferException {
		Requests.range(this.out, KEY, END, 0, false, true);
		assertThat(RangeRequest.parseFrom(message()))
			.isEqualTo(RangeRequest.newBuilder().setKey(bytes(KEY)).setRangeEnd(bytes(END)).setCountOnly(true).build());
	}

	@Test
	void getIsWhatProtobufReads() throws InvalidProtocolBufferException {
		Requests.get(this.out, KEY);
		assertThat(RangeRequest.parseFrom(message())).isEqualTo(RangeRequest.newBuilder().setKey(bytes(KEY)).build());
	}

	@Test
	void putIsWhatProtobufReads() throws InvalidProtocolBufferException {
		Requests.put(this.out, KEY, END, Long.MAX_VALUE);
		assertThat(PutRequest.parseFrom(message())).isEqualTo(
				PutRequest.newBuilder().setKey(bytes(KEY)).setValue(bytes(END)).setLease(Long.MAX_VALUE).build());
	}

	@Test
	void deleteIsWhatProtobufReads() throws InvalidProtocolBufferException {
		Requests.delete(this.out, KEY, END);
		assertThat(DeleteRangeRequest.parseFrom(message()))
			.isEqualTo(DeleteRangeRequest.newBuilder().setKey(bytes(KEY)).setRangeEnd(bytes(END)).build());
	}

	/** Lengths of nested messages take one, two and three bytes here. */
	@ParameterizedTest
	@ValueSource(ints = { 1, 100, 127, 128, 200, 5_000, 16_384, 100_000 })
	void guardedPutIsWhatProtobufReads(int valueBytes) throws InvalidProtocolBufferException {
		byte[] value = new byte[valueBytes];
		Arrays.fill(value, (byte) 7);
		Requests.guardedPut(this.out, KEY, 0, value);
		TxnRequest expected = TxnRequest.newBuilder()
			.addCompare(compare(0))
			.addSuccess(RequestOp.newBuilder()
				.setRequestPut(PutRequest.newBuilder().setKey(bytes(KEY)).setValue(bytes(value))))
			.addFailure(get())
			.build();
		assertThat(TxnRequest.parseFrom(message())).isEqualTo(expected);
		assertThat(message()).isEqualTo(expected.toByteString());
	}

	@Test
	void guardedDeleteIsWhatProtobufReads() throws InvalidProtocolBufferException {
		Requests.guardedDelete(this.out, KEY, 1L << 40);
		assertThat(TxnRequest.parseFrom(message())).isEqualTo(TxnRequest.newBuilder()
			.addCompare(compare(1L << 40))
			.addSuccess(
					RequestOp.newBuilder().setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(KEY))))
			.addFailure(get())
			.build());
	}

	@Test
	void putsWithoutConditionsAreWhatProtobufReads() throws InvalidProtocolBufferException {
		int start = this.out.beginMessage();
		Requests.txnPut(this.out, KEY, END);
		Requests.txnPut(this.out, END, KEY);
		this.out.endMessage(start);
		assertThat(TxnRequest.parseFrom(message())).isEqualTo(TxnRequest.newBuilder()
			.addSuccess(RequestOp.newBuilder()
				.setRequestPut(PutRequest.newBuilder().setKey(bytes(KEY)).setValue(bytes(END))))
			.addSuccess(RequestOp.newBuilder()
				.setRequestPut(PutRequest.newBuilder().setKey(bytes(END)).setValue(bytes(KEY))))
			.build());
	}

	@Test
	void numbersAreWhatProtobufReads() throws InvalidProtocolBufferException {
		Requests.compact(this.out, 12);
		assertThat(CompactionRequest.parseFrom(message()).getRevision()).isEqualTo(12);
		this.out.clear();
		Requests.grant(this.out, 60);
		assertThat(LeaseGrantRequest.parseFrom(message())).isEqualTo(LeaseGrantRequest.newBuilder().setTTL(60).build());
		this.out.clear();
		Requests.keepAlive(this.out, -5);
		assertThat(LeaseKeepAliveRequest.parseFrom(message()).getID()).isEqualTo(-5);
	}

	@Test
	void watchIsWhatProtobufReads() throws InvalidProtocolBufferException {
		Requests.watch(this.out, KEY, END, 9);
		assertThat(WatchRequest.parseFrom(message())).isEqualTo(WatchRequest.newBuilder()
			.setCreateRequest(
					WatchCreateRequest.newBuilder().setKey(bytes(KEY)).setRangeEnd(bytes(END)).setStartRevision(9))
			.build());
	}

	@Test
	void messagesFollowEachOther() {
		Requests.compact(this.out, 1);
		int first = this.out.length();
		Requests.compact(this.out, 2);
		assertThat(this.out.length()).isEqualTo(2 * first);
		assertThat(this.out.array()).startsWith(0, 0, 0, 0, 2, 8, 1, 0, 0, 0, 0, 2, 8, 2);
	}

	private ByteString message() {
		ByteBuffer frame = ByteBuffer.wrap(this.out.array(), 0, this.out.length());
		assertThat(frame.get()).isZero();
		assertThat(frame.getInt()).isEqualTo(frame.remaining());
		return ByteString.copyFrom(frame);
	}

	private static Compare compare(long modRevision) {
		return Compare.newBuilder()
			.setTarget(Compare.CompareTarget.MOD)
			.setKey(bytes(KEY))
			.setModRevision(modRevision)
			.build();
	}

	private static RequestOp get() {
		return RequestOp.newBuilder().setRequestRange(RangeRequest.newBuilder().setKey(bytes(KEY))).build();
	}

	private static ByteString bytes(byte[] bytes) {
		return ByteString.copyFrom(bytes);
	}

}
