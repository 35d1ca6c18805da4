package dev.kvserver.server.http;

/**
 * Writes JSON as Go does, which clients of etcd compare byte for byte.
 */
final class Json {

	private Json() {
	}

	/**
	 * A JSON string. As Go does, it escapes what HTML or JavaScript could stumble over.
	 * @param text any text
	 * @return the text, escaped, in quotes
	 */
	static String quote(String text) {
		StringBuilder json = new StringBuilder(text.length() + 2).append('"');
		for (int i = 0; i < text.length(); i++) {
			escape(text.charAt(i), json);
		}
		return json.append('"').toString();
	}

	private static void escape(char c, StringBuilder json) {
		switch (c) {
			case '"', '\\' -> json.append('\\').append(c);
			case '\b' -> json.append("\\b");
			case '\f' -> json.append("\\f");
			case '\n' -> json.append("\\n");
			case '\r' -> json.append("\\r");
			case '\t' -> json.append("\\t");
			case '<', '>', '&', '\u2028', '\u2029' -> json.append(String.format("\\u%04x", (int) c));
			default -> {
				if (c < ' ') {
					json.append(String.format("\\u%04x", (int) c));
				}
				else {
					json.append(c);
				}
			}
		}
	}

}
