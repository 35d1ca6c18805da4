package dev.kvserver.benchmarks.load.http2;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;

import dev.kvserver.benchmarks.load.wire.Rpc;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.collection.IntObjectHashMap;

/**
 * One connection to a server, with any number of calls on it. It is not made again when
 * it is lost: a server that drops connections has no business in a measurement.
 * <p>
 * The server may send without limit, as far as HTTP/2 allows; what the server lets us
 * send is obeyed. Belongs to the thread of the loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what fails to be sent is seen as a lost
												// connection
public final class Connection implements FrameSink {

	/** So much may come before the server must be told that it may go on. */
	private static final int RECEIVE_WINDOW = 1 << 30;

	private final LoadLoop loop;

	private final Channel channel;

	private final FrameReader reader = new FrameReader(this);

	private final FrameWriter writer = new FrameWriter();

	private final RequestHeads requestHeads;

	private final ResponseHeads responseHeads = new ResponseHeads();

	private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();

	/** Calls that have more to send than the server takes now, longest waiting first. */
	private final ArrayDeque<Call> blocked = new ArrayDeque<>();

	private final CompletableFuture<Connection> ready = new CompletableFuture<>();

	private boolean dirty;

	private boolean lost;

	private String whyLost = "";

	private int nextStreamId = 1;

	private int sendWindow = Frames.DEFAULT_WINDOW;

	private int streamSendWindow = Frames.DEFAULT_WINDOW;

	private int frameBytesMax = Frames.DEFAULT_FRAME_BYTES;

	private int streamsMax = Integer.MAX_VALUE;

	private int unannounced;

	/** A header block that goes on in the next frame, and the flags of its first. */
	private byte[] block = new byte[0];

	private int blockFlags;

	Connection(LoadLoop loop, Channel channel, String authority) {
		this.loop = loop;
		this.channel = channel;
		this.requestHeads = new RequestHeads(authority);
		this.writer.preface();
		this.writer.settings(Frames.SETTING_ENABLE_PUSH, 0, Frames.SETTING_INITIAL_WINDOW_SIZE, RECEIVE_WINDOW);
		this.writer.windowUpdate(0, RECEIVE_WINDOW - Frames.DEFAULT_WINDOW);
	}

	/** Completes when the server has sent its settings, or fails with the connection. */
	CompletableFuture<Connection> ready() {
		return this.ready;
	}

	FrameReader reader() {
		return this.reader;
	}

	/**
	 * How many calls the server takes at a time.
	 * @return the number, {@link Integer#MAX_VALUE} if it did not say
	 */
	public int streamsMax() {
		return this.streamsMax;
	}

	/**
	 * Starts a call. If the connection is lost, the call ends before this returns.
	 * @param call the call, not under way
	 * @param rpc the method
	 * @param bytes what the messages lie in, to be left alone until the reply
	 * @param length how many bytes to send from its front
	 * @param halfClose whether that is all
	 */
	public void start(Call call, Rpc rpc, byte[] bytes, int length, boolean halfClose) {
		if (this.lost) {
			call.opened(0, 0);
			call.fail(CallStatus.LOST, this.whyLost);
			call.closed();
			return;
		}
		int id = this.nextStreamId;
		this.nextStreamId += 2;
		call.opened(id, this.streamSendWindow);
		call.out = bytes;
		call.outAt = 0;
		call.outEnd = length;
		call.halfClose = halfClose;
		this.calls.put(id, call);
		byte[] head = this.requestHeads.block(rpc);
		this.writer.frame(Frames.HEADERS, Frames.FLAG_END_HEADERS, id, head, 0, head.length);
		send(call);
		markDirty();
	}

	/**
	 * Ends a call that is under way, without a word to its listener. Does nothing if it
	 * is not.
	 * @param call the call, on this connection
	 */
	public void cancel(Call call) {
		if (call.isOpen() && !this.lost && this.calls.remove(call.streamId()) == call) {
			call.canceled();
			this.writer.reset(call.streamId(), (int) Http2Error.CANCEL.code());
			markDirty();
		}
	}

	/** Sends as much as the windows allow; a call with more to send has to wait. */
	private void send(Call call) {
		while (call.outAt < call.outEnd) {
			int left = call.outEnd - call.outAt;
			int size = Math.min(Math.min(left, this.frameBytesMax), Math.min(this.sendWindow, call.sendWindow));
			if (size <= 0) {
				if (!call.blocked) {
					call.blocked = true;
					this.blocked.add(call);
				}
				return;
			}
			int flags = (size == left && call.halfClose) ? Frames.FLAG_END_STREAM : 0;
			this.writer.frame(Frames.DATA, flags, call.streamId(), call.out, call.outAt, size);
			call.outAt += size;
			call.sendWindow -= size;
			this.sendWindow -= size;
		}
	}

	private void sendBlocked() {
		for (int i = this.blocked.size(); i > 0 && this.sendWindow > 0; i--) {
			Call call = this.blocked.remove();
			call.blocked = false;
			if (this.calls.get(call.streamId()) == call) {
				send(call);
			}
		}
		markDirty();
	}

	private void markDirty() {
		if (!this.dirty) {
			this.dirty = true;
			this.loop.dirty(this);
		}
	}

	/** Hands what is to be sent to the socket, in one piece. */
	void flush() {
		this.dirty = false;
		if (!this.lost && this.writer.length() > 0) {
			this.channel.writeAndFlush(this.channel.alloc()
				.directBuffer(this.writer.length())
				.writeBytes(this.writer.array(), 0, this.writer.length()), this.channel.voidPromise());
		}
		this.writer.clear();
	}

	/** Ends every call. May be called again. */
	void lost(String why) {
		if (this.lost) {
			return;
		}
		this.lost = true;
		this.whyLost = why;
		this.ready.completeExceptionally(new ConnectionException(why));
		for (Call call : new ArrayList<>(this.calls.values())) {
			call.fail(CallStatus.LOST, why);
			call.closed();
		}
		this.calls.clear();
		this.channel.close();
	}

	@Override
	public void frame(int type, int flags, int streamId, byte[] bytes, int from, int to) throws Http2Exception {
		switch (type) {
			case Frames.DATA -> data(flags, streamId, bytes, from, to);
			case Frames.HEADERS -> headers(flags, streamId, bytes, from, to);
			case Frames.CONTINUATION -> blockPart(flags, streamId, bytes, from, to);
			case Frames.RST_STREAM -> reset(streamId, FrameReader.number(bytes, from));
			case Frames.SETTINGS -> settings(flags, bytes, from, to);
			case Frames.PING -> ping(flags, bytes, from, to);
			case Frames.GOAWAY -> throw new Http2Exception(Http2Error.CANCEL,
					"the server sent GOAWAY with error " + FrameReader.number(bytes, from + Integer.BYTES));
			case Frames.WINDOW_UPDATE -> windowUpdate(streamId, FrameReader.number(bytes, from));
			default -> {
				// PRIORITY and whatever else there may be says nothing to us.
			}
		}
	}

	private void data(int flags, int streamId, byte[] bytes, int from, int to) throws Http2Exception {
		this.unannounced += to - from;
		if (this.unannounced >= RECEIVE_WINDOW / 2) {
			this.writer.windowUpdate(0, this.unannounced);
			this.unannounced = 0;
			markDirty();
		}
		Call call = this.calls.get(streamId);
		if (call == null) {
			return;
		}
		call.unannounced += to - from;
		if (call.unannounced >= RECEIVE_WINDOW / 2) {
			this.writer.windowUpdate(streamId, call.unannounced);
			call.unannounced = 0;
			markDirty();
		}
		int padded = ((flags & Frames.FLAG_PADDED) != 0) ? 1 : 0;
		call.data(bytes, from + padded, to - ((padded == 0) ? 0 : bytes[from] & 0xff));
		closeIfAtEnd(flags, streamId);
	}

	private void headers(int flags, int streamId, byte[] bytes, int from, int to) throws Http2Exception {
		int start = from;
		int end = to;
		if ((flags & Frames.FLAG_PADDED) != 0) {
			end -= bytes[start++] & 0xff;
		}
		if ((flags & Frames.FLAG_PRIORITY) != 0) {
			start += Frames.PRIORITY_BYTES;
		}
		if ((flags & Frames.FLAG_END_HEADERS) == 0) {
			this.block = new byte[0];
			this.blockFlags = flags;
			blockPart(0, streamId, bytes, start, end);
			return;
		}
		head(flags, streamId, bytes, start, end);
	}

	private void blockPart(int flags, int streamId, byte[] bytes, int from, int to) throws Http2Exception {
		byte[] whole = new byte[this.block.length + to - from];
		System.arraycopy(this.block, 0, whole, 0, this.block.length);
		System.arraycopy(bytes, from, whole, this.block.length, to - from);
		this.block = whole;
		if ((flags & Frames.FLAG_END_HEADERS) != 0) {
			head(this.blockFlags, streamId, whole, 0, whole.length);
		}
	}

	private void head(int flags, int streamId, byte[] bytes, int from, int to) throws Http2Exception {
		ResponseHead head = this.responseHeads.decode(streamId, bytes, from, to);
		Call call = this.calls.get(streamId);
		if (call != null) {
			call.head(head);
			closeIfAtEnd(flags, streamId);
		}
	}

	private void closeIfAtEnd(int flags, int streamId) {
		if ((flags & Frames.FLAG_END_STREAM) != 0) {
			Call call = this.calls.remove(streamId);
			if (call != null) {
				call.fail(CallStatus.NONE, "no grpc-status");
				call.closed();
			}
		}
	}

	private void reset(int streamId, int error) {
		Call call = this.calls.remove(streamId);
		if (call != null) {
			call.fail(CallStatus.RESET, "the server reset the stream with error " + error);
			call.closed();
		}
	}

	private void settings(int flags, byte[] bytes, int from, int to) throws Http2Exception {
		if ((flags & Frames.FLAG_ACK) != 0) {
			return;
		}
		for (int at = from; at < to; at += Frames.SETTING_BYTES) {
			setting((bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff), FrameReader.number(bytes, at + Short.BYTES));
		}
		this.writer.settingsAck();
		markDirty();
		this.ready.complete(this);
	}

	private void setting(int id, int value) throws Http2Exception {
		switch (id) {
			case Frames.SETTING_HEADER_TABLE_SIZE -> {
				if (value >= 0 && value < Frames.DEFAULT_TABLE_BYTES) {
					throw new Http2Exception(Http2Error.INTERNAL_ERROR, "the server's header table is too small");
				}
			}
			case Frames.SETTING_MAX_CONCURRENT_STREAMS -> this.streamsMax = (value < 0) ? Integer.MAX_VALUE : value;
			case Frames.SETTING_INITIAL_WINDOW_SIZE -> {
				for (Call call : this.calls.values()) {
					call.sendWindow += value - this.streamSendWindow;
				}
				this.streamSendWindow = value;
				sendBlocked();
			}
			case Frames.SETTING_MAX_FRAME_SIZE -> this.frameBytesMax = value;
			default -> {
				// Not about what we send.
			}
		}
	}

	private void ping(int flags, byte[] bytes, int from, int to) {
		if ((flags & Frames.FLAG_ACK) == 0) {
			this.writer.frame(Frames.PING, Frames.FLAG_ACK, 0, bytes, from, to - from);
			markDirty();
		}
	}

	private void windowUpdate(int streamId, int more) {
		if (streamId == 0) {
			this.sendWindow += more;
		}
		else {
			Call call = this.calls.get(streamId);
			if (call == null) {
				return;
			}
			call.sendWindow += more;
		}
		if (!this.blocked.isEmpty()) {
			sendBlocked();
		}
	}

}
