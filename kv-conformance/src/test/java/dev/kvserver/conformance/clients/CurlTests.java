package dev.kvserver.conformance.clients;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.ServerUnderTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * What curl gets on the client port, headers included, with each version of HTTP.
 */
@Tag("real-etcd")
class CurlTests extends SampleAppBesideEtcd {

	@BeforeAll
	void requireTheWordsOfToday() {
		assumeThat(EtcdBinary.reference().isAtLeast(3, 7)).as("older versions word it differently").isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "--http1.0, /version", "--http1.1, /version", "--http2, /version", "--http2-prior-knowledge, /version",
			"--http1.0, /health", "--http1.1, /health", "--http2, /health", "--http2-prior-knowledge, /health",
			"--http1.1, /health?serializable=true", "--http1.1, /health?exclude=NOSPACE", "--http1.1, /nothing",
			"--http1.1, /", "-XPOST, /version", "-XPOST, /health", "--head, /version", "--head, /health",
			"-XOPTIONS, /version", "-HOrigin:http://x, /version", "-XPOST, /nothing",
			"--http2-prior-knowledge, /nothing", "--http1.1, /livez", "--http1.1, /livez?verbose",
			"--http1.0, /readyz?verbose", "--http1.1, /readyz/linearizable_read?verbose",
			"--http1.1, /readyz?verbose&exclude=non_learner&exclude=x", "--http1.1, /livez/nothing",
			"--http2, /readyz/", "-XPOST, /readyz", "--head, /livez" })
	void headersBodyAndStatusAreEtcds(String option, String path) {
		String left = curl(option, reference(), path);
		assertThat(curl(option, candidate(), path)).isEqualTo(left);
		assertThat(left).isNotEmpty();
	}

	private static String curl(String option, ServerUnderTest server, String path) {
		CommandLine.Result result = CommandLine
			.run(List.of("curl", "--silent", "--show-error", "--max-time", "20", "--include", option, "--write-out",
					"\n%{http_code} HTTP/%{http_version} %{content_type}", "http://127.0.0.1:" + server.port() + path),
					"");
		return sorted(result.output().replaceAll("(3\\.7\\.)\\d+", "$1PATCH")) + "\nexit " + result.exit() + " "
				+ result.errors().replaceAll(":" + server.port(), ":PORT");
	}

	/**
	 * Headers have no order, nor have the checks of a probe in the body; and the date is
	 * of no interest.
	 */
	private static String sorted(String answer) {
		List<String> lines = new ArrayList<>(answer.lines().toList());
		int end = lines.indexOf("");
		if (end > 1) {
			lines.subList(1, end).replaceAll((line) -> line.replaceAll("(?i)^(date): .*", "$1"));
			lines.subList(1, end).sort(null);
			int checksEnd = end + 1;
			while (checksEnd < lines.size() && lines.get(checksEnd).startsWith("[")) {
				checksEnd++;
			}
			lines.subList(end + 1, checksEnd).sort(null);
		}
		return String.join("\n", lines);
	}

}
