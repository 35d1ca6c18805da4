package dev.kvserver.spring.boot.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.grpc.Grpc;
import io.netty.util.Version;
import org.jspecify.annotations.Nullable;

/**
 * Finds versions of libraries on the class path that have known vulnerabilities a remote
 * client can use. The application's dependency management decides on the versions, not
 * we: we can only tell.
 */
final class OldLibraries {

	/** Enforces the limit of concurrent streams from the first frame on. */
	static final String GRPC_MIN = "1.83.1";

	/** Bounds what a header list, a reset and a settings frame can cost. */
	static final String NETTY_MIN = "4.2.17";

	private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

	private OldLibraries() {
	}

	/** One sentence for each old library on the class path. */
	static List<String> complaints() {
		return complaints(grpcVersion(), nettyVersion());
	}

	static @Nullable String grpcVersion() {
		return Grpc.class.getPackage().getImplementationVersion();
	}

	static @Nullable String nettyVersion() {
		Version version = Version.identify().get("netty-codec-http2");
		return (version != null) ? version.artifactVersion() : null;
	}

	/** The same for the given versions; {@code null} is unknown and no complaint. */
	static List<String> complaints(@Nullable String grpc, @Nullable String netty) {
		List<String> complaints = new ArrayList<>();
		addIfOlder(complaints, "grpc-java", "grpc-java.version", grpc, GRPC_MIN);
		addIfOlder(complaints, "Netty", "netty.version", netty, NETTY_MIN);
		return complaints;
	}

	private static void addIfOlder(List<String> complaints, String library, String property, @Nullable String version,
			String min) {
		if (version != null && isOlder(version, min)) {
			complaints.add(library + " " + version + " on the class path has known vulnerabilities. Set '" + property
					+ "' to " + min + " or newer where Spring Boot's parent is used, else manage its version so.");
		}
	}

	private static boolean isOlder(String version, String min) {
		Matcher actual = NUMBERS.matcher(version);
		Matcher wanted = NUMBERS.matcher(min);
		if (!actual.matches() || !wanted.matches()) {
			return false;
		}
		for (int group = 1; group <= actual.groupCount(); group++) {
			int compared = Integer.compare(Integer.parseInt(actual.group(group)),
					Integer.parseInt(wanted.group(group)));
			if (compared != 0) {
				return compared < 0;
			}
		}
		return false;
	}

}
