package dev.kvserver.conformance.grpc;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;

/**
 * Messages as a reader wants to see them.
 */
public final class Texts {

	private static final int CHARACTERS_MAX = 800;

	private Texts() {
	}

	/**
	 * A message on one line, cut when it is very long.
	 * @param message any message
	 * @return its fields
	 */
	public static String oneLine(Message message) {
		String text = TextFormat.printer().emittingSingleLine(true).printToString(message);
		return (text.length() <= CHARACTERS_MAX) ? text
				: text.substring(0, CHARACTERS_MAX) + "... (" + text.length() + " characters)";
	}

}
