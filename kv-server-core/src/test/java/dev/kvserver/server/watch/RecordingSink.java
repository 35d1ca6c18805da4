package dev.kvserver.server.watch;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.proto.etcdserverpb.WatchResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps what a stream is sent. It is ready until a number of bytes was sent since it last
 * became so, as a transport's window would be.
 */
final class RecordingSink implements WatchSink {

	private final List<WatchResponse> responses = new ArrayList<>();

	private int taken;

	private long window = Long.MAX_VALUE;

	private int handled;

	private int batches;

	private boolean ended;

	@Override
	public boolean isReady() {
		return this.window > 0;
	}

	@Override
	public void send(ResponseBatch batch) {
		assertThat(this.ended).isFalse();
		assertThat(batch.count()).isPositive();
		this.batches++;
		if (this.window != Long.MAX_VALUE) {
			this.window -= batch.sizeBytes();
		}
		for (int i = 0; i < batch.count(); i++) {
			byte[] bytes = Arrays.copyOfRange(batch.array(), batch.start(i), batch.end(i));
			WatchResponse response = parse(bytes);
			if (prefix(batch, i) != bytes.length || !Arrays.equals(response.toByteArray(), bytes)) {
				throw new AssertionError("not as protobuf encodes it: " + response);
			}
			this.responses.add(response);
		}
	}

	private static int prefix(ResponseBatch batch, int index) {
		ByteBuffer prefix = ByteBuffer.wrap(batch.array(), batch.start(index) - ResponseBatch.PREFIX_BYTES,
				ResponseBatch.PREFIX_BYTES);
		return (prefix.get() == 0) ? prefix.getInt() : -1;
	}

	private static WatchResponse parse(byte[] bytes) {
		try {
			return WatchResponse.parseFrom(bytes);
		}
		catch (InvalidProtocolBufferException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void handled(int requests) {
		this.handled += requests;
	}

	@Override
	public void ended() {
		assertThat(this.ended).isFalse();
		this.ended = true;
	}

	/** Takes this many bytes, and is not ready from then on. */
	void setWindow(long bytes) {
		this.window = bytes;
	}

	/** What has come since the last call. */
	List<WatchResponse> take() {
		List<WatchResponse> fresh = new ArrayList<>(this.responses.subList(this.taken, this.responses.size()));
		this.taken = this.responses.size();
		return fresh;
	}

	List<WatchResponse> all() {
		return this.responses;
	}

	int handledCount() {
		return this.handled;
	}

	int batchCount() {
		return this.batches;
	}

	boolean isEnded() {
		return this.ended;
	}

}
