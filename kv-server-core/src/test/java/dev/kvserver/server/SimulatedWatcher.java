package dev.kvserver.server;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.server.watch.ResponseBatch;
import dev.kvserver.server.watch.WatchSink;
import dev.kvserver.server.watch.WatchStream;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client that watches a range, each time anew from the first revision it has not seen.
 * It takes only so many bytes until it is told that it may take more.
 */
final class SimulatedWatcher implements WatchSink {

	private static final Comparator<ByteString> ORDER = ByteString.unsignedLexicographicalComparator();

	private final ByteString key;

	private final ByteString end;

	private final boolean previous;

	/** Stretches of revisions it has seen all of; a compaction may lie between two. */
	private final List<Stretch> stretches = new ArrayList<>();

	private final List<Event> seen = new ArrayList<>();

	/** The first revision of the present stretch, 0 until the server names it. */
	private long from;

	/** The first revision not seen, 0 until known. */
	private long next;

	private long window;

	private @Nullable WatchStream stream;

	private boolean refused;

	SimulatedWatcher(ByteString key, ByteString end, boolean previous, long startRevision, long window) {
		this.key = key;
		this.end = end;
		this.previous = previous;
		this.from = startRevision;
		this.next = startRevision;
		this.window = window;
	}

	void connect(SimulatedServer server) {
		WatchStream opened = server.watch(this);
		this.stream = opened;
		this.refused = false;
		create(opened);
	}

	private void create(WatchStream opened) {
		opened.request(WatchRequest.newBuilder()
			.setCreateRequest(WatchCreateRequest.newBuilder()
				.setKey(this.key)
				.setRangeEnd(this.end)
				.setPrevKv(this.previous)
				.setStartRevision(this.next))
			.build());
	}

	/** Takes more, and watches again if a compaction has overtaken it. */
	void takeMore(long bytes) {
		this.window = bytes;
		WatchStream opened = requireNonNull(this.stream);
		if (this.refused) {
			this.refused = false;
			create(opened);
		}
		opened.ready();
	}

	@Override
	public boolean isReady() {
		return this.window > 0;
	}

	@Override
	public void send(ResponseBatch batch) {
		this.window -= batch.sizeBytes();
		for (int i = 0; i < batch.count(); i++) {
			take(parse(ByteBuffer.wrap(batch.array(), batch.start(i), batch.end(i) - batch.start(i))));
		}
	}

	private static WatchResponse parse(ByteBuffer bytes) {
		try {
			return WatchResponse.parseFrom(bytes);
		}
		catch (InvalidProtocolBufferException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void take(WatchResponse response) {
		if (response.getCreated() && this.next == 0) {
			this.next = response.getHeader().getRevision() + 1;
			this.from = this.next;
		}
		if (response.getCanceled()) {
			assertThat(response.getCompactRevision()).as(response.toString()).isGreaterThan(this.next);
			endStretch();
			this.from = response.getCompactRevision();
			this.next = this.from;
			this.refused = true;
			return;
		}
		for (Event event : response.getEventsList()) {
			assertThat(event.getKv().getModRevision()).as(response.toString()).isGreaterThanOrEqualTo(this.next);
			this.seen.add(event);
		}
		if (response.getEventsCount() > 0) {
			this.next = this.seen.get(this.seen.size() - 1).getKv().getModRevision() + 1;
		}
	}

	private void endStretch() {
		this.stretches.add(new Stretch(this.from, this.next, List.copyOf(this.seen)));
		this.seen.clear();
	}

	/** All it has seen, when nothing up to {@code revision} is missing any more. */
	List<Stretch> stretchesUpTo(long revision) {
		assertThat(this.refused).isFalse();
		if (this.from > 0) {
			this.next = Math.max(this.next, revision + 1);
			endStretch();
			this.from = this.next;
		}
		return this.stretches;
	}

	long next() {
		return this.next;
	}

	boolean watches(ByteString candidate) {
		if (this.end.isEmpty()) {
			return candidate.equals(this.key);
		}
		return ORDER.compare(candidate, this.key) >= 0
				&& (this.end.equals(SimulatedLife.ZERO) || ORDER.compare(candidate, this.end) < 0);
	}

	boolean wantsPrevious() {
		return this.previous;
	}

	@Override
	public void handled(int requests) {
		// It asks for little.
	}

	@Override
	public void ended() {
		throw new AssertionError("the stream was ended");
	}

	/**
	 * What was seen from a revision up to another.
	 *
	 * @param from the first revision
	 * @param to the revision after the last
	 * @param events all events in between
	 */
	record Stretch(long from, long to, List<Event> events) {
	}

}
