package dev.kvserver.server.auth;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/** The order of names, which is that of their bytes in the store. */
final class Names {

	static final Comparator<String> ORDER = (left, right) -> Arrays.compareUnsigned(bytes(left), bytes(right));

	private Names() {
	}

	static byte[] bytes(String name) {
		return name.getBytes(StandardCharsets.UTF_8);
	}

}
