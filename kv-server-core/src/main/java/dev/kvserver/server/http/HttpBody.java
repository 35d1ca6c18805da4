package dev.kvserver.server.http;

import com.google.protobuf.ByteString;

/**
 * The body of a request, read piece by piece while it is answered. Any thread, one read
 * at a time.
 */
@FunctionalInterface
public interface HttpBody {

	/**
	 * Asks for the next piece. When the client leaves there may be none.
	 * @param reader called once, on the calling thread or on an event loop, which it must
	 * not block
	 */
	void read(Reader reader);

	/**
	 * A body that is there already.
	 * @param body the bytes, may be empty
	 * @return the body in one piece
	 */
	static HttpBody of(ByteString body) {
		return (reader) -> reader.onPiece(body, true);
	}

	/** Takes a piece of a body. */
	@FunctionalInterface
	interface Reader {

		/**
		 * Takes a piece.
		 * @param piece the bytes, may be empty
		 * @param last whether nothing comes after it
		 */
		void onPiece(ByteString piece, boolean last);

	}

}
