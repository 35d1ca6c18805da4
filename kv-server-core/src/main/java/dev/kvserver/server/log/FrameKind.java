package dev.kvserver.server.log;

import org.jspecify.annotations.Nullable;

/** What a frame of the log holds. */
enum FrameKind {

	/** Entries, in order. */
	ENTRIES(1),
	/** Nothing: a start of the server, from which on its term holds. */
	TERM(2),
	/** Nothing: the segment ends here, and another one follows. */
	SEAL(3);

	private final int code;

	FrameKind(int code) {
		this.code = code;
	}

	/** The number on disk. */
	int code() {
		return this.code;
	}

	static @Nullable FrameKind of(int code) {
		return switch (code) {
			case 1 -> ENTRIES;
			case 2 -> TERM;
			case 3 -> SEAL;
			default -> null;
		};
	}

}
