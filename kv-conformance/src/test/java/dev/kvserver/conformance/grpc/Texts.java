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
	 * A text in which Go has printed alarms: one build of its protobuf library puts one
	 * space between two fields, another puts two, so that nobody relies on either.
	 * @param text any text
	 * @return the text with one space
	 */
	public static String oneSpace(String text) {
		return text.replaceAll("(memberID:\\w+) +(alarm:)", "$1 $2");
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
