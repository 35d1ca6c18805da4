package dev.kvserver.benchmarks.load.http2;

import io.netty.handler.codec.http2.Http2Exception;

/** Takes the frames of a connection, in order. */
interface FrameSink {

	/**
	 * Takes one frame.
	 * @param bytes what its payload lies in, valid during the call only
	 * @throws Http2Exception if the frame is wrong; the connection is then of no use
	 */
	void frame(int type, int flags, int streamId, byte[] bytes, int from, int to) throws Http2Exception;

}
