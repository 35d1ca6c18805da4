package dev.kvserver.server.http;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** How this process was started, without what nobody else may know. */
final class CommandLine {

	private static final String HIDDEN = "***";

	/** Names of options whose values are, or could be, secrets. */
	private static final Pattern SECRET = Pattern.compile("(?i)pass|pwd|secret|token|credential|key");

	private static final Pattern USER_OF_URL = Pattern.compile("://\\S*@");

	/** Parameters of URLs and the like whose names are those of secrets. */
	private static final Pattern PARAMETER = Pattern
		.compile("(?i)([?&;,][^=&;,\\s]*(?:pass|pwd|secret|token|credential|key)[^=&;,\\s]*=)[^&;,\\s]*");

	private CommandLine() {
	}

	/** Of this process; the program alone where the system does not tell more. */
	static List<String> ofThisProcess() {
		ProcessHandle.Info info = ProcessHandle.current().info();
		List<String> words = new ArrayList<>(List.of(info.command().orElse("java")));
		words.addAll(List.of(info.arguments().orElse(new String[0])));
		return redacted(words);
	}

	/**
	 * Hides values of options that look as if they were secret, be they behind '=' or in
	 * the next word, and users and passwords in URLs.
	 */
	static List<String> redacted(List<String> words) {
		List<String> redacted = new ArrayList<>();
		boolean hideNext = false;
		for (String word : words) {
			boolean option = word.startsWith("-");
			if (hideNext && !option) {
				redacted.add(HIDDEN);
				hideNext = false;
				continue;
			}
			int equals = word.indexOf('=');
			String name = (equals < 0) ? word : word.substring(0, equals);
			boolean secret = SECRET.matcher(name).find();
			hideNext = secret && option && equals < 0;
			redacted.add((secret && equals >= 0) ? name + '=' + HIDDEN : withoutSecrets(word));
		}
		return redacted;
	}

	private static String withoutSecrets(String word) {
		String anonymous = USER_OF_URL.matcher(word).replaceAll("://" + HIDDEN + '@');
		return PARAMETER.matcher(anonymous).replaceAll("$1" + HIDDEN);
	}

}
