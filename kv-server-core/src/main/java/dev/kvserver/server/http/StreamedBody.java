package dev.kvserver.server.http;

import com.google.protobuf.ByteString;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * A body that comes over a connection, as fast as it is read. All but
 * {@link #read(Reader)} on the connection's event loop.
 */
final class StreamedBody implements HttpBody {

	private final Channel channel;

	private final Runnable onWanted;

	/** Waits for a piece, {@code null} if nobody does. */
	private @Nullable Reader reader;

	StreamedBody(Channel channel, Runnable onWanted) {
		this.channel = channel;
		this.onWanted = onWanted;
	}

	/** Whoever asks for a piece of a connection that is gone gets none. */
	@Override
	public void read(Reader next) {
		if (this.channel.eventLoop().inEventLoop()) {
			want(next);
		}
		else if (this.channel.isActive()) {
			this.channel.eventLoop().execute(() -> want(next));
		}
	}

	private void want(Reader next) {
		this.reader = next;
		this.onWanted.run();
	}

	boolean isWanted() {
		return this.reader != null;
	}

	void give(ByteString piece, boolean last) {
		Reader waiting = requireNonNull(this.reader);
		this.reader = null;
		waiting.onPiece(piece, last);
	}

}
