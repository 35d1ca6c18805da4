package dev.kvserver.benchmarks.load.http2;

/** Numbers of HTTP/2 (RFC 9113). */
final class Frames {

	static final int HEADER_BYTES = 9;

	static final int DATA = 0;

	static final int HEADERS = 1;

	static final int RST_STREAM = 3;

	static final int SETTINGS = 4;

	static final int PING = 6;

	static final int GOAWAY = 7;

	static final int WINDOW_UPDATE = 8;

	static final int CONTINUATION = 9;

	static final int FLAG_END_STREAM = 0x1;

	static final int FLAG_ACK = 0x1;

	static final int FLAG_END_HEADERS = 0x4;

	static final int FLAG_PADDED = 0x8;

	static final int FLAG_PRIORITY = 0x20;

	static final int SETTING_HEADER_TABLE_SIZE = 1;

	static final int SETTING_ENABLE_PUSH = 2;

	static final int SETTING_MAX_CONCURRENT_STREAMS = 3;

	static final int SETTING_INITIAL_WINDOW_SIZE = 4;

	static final int SETTING_MAX_FRAME_SIZE = 5;

	static final int SETTING_BYTES = 6;

	static final int PRIORITY_BYTES = 5;

	/** What windows are before a peer says otherwise. */
	static final int DEFAULT_WINDOW = 65_535;

	/** What every peer takes, and the most we take. */
	static final int DEFAULT_FRAME_BYTES = 16_384;

	/** What a table of HPACK holds before a peer says otherwise. */
	static final int DEFAULT_TABLE_BYTES = 4_096;

	private Frames() {
	}

}
