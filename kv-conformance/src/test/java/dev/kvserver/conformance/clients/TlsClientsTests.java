package dev.kvserver.conformance.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import javax.net.ssl.SSLException;

import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.ServerUnderTest;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.options.GetOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * What clients get over TLS from a real etcd and from the sample application with the
 * same certificates: where anybody is let in, and where clients need a certificate.
 */
@Tag("real-etcd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsClientsTests {

	private static final String RANGE = "{\"key\":\"YQ==\"}";

	private TlsFiles files;

	/** An authority of the same name, which no server has heard of. */
	private TlsFiles strangers;

	private List<String> trust;

	private TlsPair open;

	private TlsPair guarded;

	@BeforeAll
	void start(@TempDir Path directory) throws IOException {
		this.files = new TlsFiles(Files.createDirectory(directory.resolve("own")));
		this.strangers = new TlsFiles(Files.createDirectory(directory.resolve("strangers")));
		this.trust = List.of("--cacert=" + this.files.authority());
		this.open = TlsPair.open(this.files);
		this.guarded = TlsPair.requiringCertificates(this.files);
	}

	@AfterAll
	void close() {
		this.open.close();
		this.guarded.close();
	}

	static Stream<EtcdBinary> binaries() {
		return EtcdctlCases.binaries();
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void etcdctlVerifiesTheServer(EtcdBinary binary) {
		List<String> transcript = play(binary, this.open, (etcdctl) -> {
			etcdctl.options(this.trust);
			callAll(etcdctl);
			etcdctl.options(List.of("--insecure-transport=false", "--insecure-skip-tls-verify"));
			etcdctl.run("get", "a");
			isRefused(etcdctl, List.of("--cacert=" + this.strangers.authority()));
			isRefused(etcdctl, List.of("--insecure-transport=false"));
			isRefused(etcdctl, List.of());
		});
		assertThat(transcript).contains("a\n1\n");
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void etcdctlShowsItsCertificate(EtcdBinary binary) {
		List<String> transcript = play(binary, this.guarded, (etcdctl) -> {
			etcdctl.options(as(this.files.client("alice")));
			callAll(etcdctl);
			etcdctl.options(as(this.files.namelessClient()));
			etcdctl.run("get", "a");
			isRefused(etcdctl, this.trust);
			isRefused(etcdctl, as(this.strangers.client("alice")));
			isRefused(etcdctl, List.of());
		});
		assertThat(transcript).contains("a\n1\n");
	}

	private static void callAll(Etcdctl etcdctl) {
		etcdctl.run("put", "a", "1");
		etcdctl.run("get", "a");
		etcdctl.run("get", "a", "-w", "json");
		long before = etcdctl.revision();
		etcdctl.run("put", "w", "1");
		try (CommandLine.Running watch = etcdctl.start("watch", "w", "--rev=" + (before + 1))) {
			etcdctl.keepUntil(watch, "1");
			etcdctl.run("put", "w", "last");
			etcdctl.keepUntil(watch, "last");
		}
		etcdctl.run("member", "list");
		etcdctl.run("endpoint", "health");
		etcdctl.run("endpoint", "status", "-w", "fields");
	}

	/** The client tries until its time is over. */
	private static void isRefused(Etcdctl etcdctl, List<String> options) {
		List<String> soon = new ArrayList<>(options);
		soon.addAll(List.of("--dial-timeout=1s", "--command-timeout=1s"));
		etcdctl.options(soon);
		etcdctl.run("put", "refused", "1");
		assertThat(etcdctl.transcript().get(etcdctl.transcript().size() - 1)).as(options.toString())
			.doesNotContain("exit 0");
	}

	@ParameterizedTest
	@MethodSource("binaries")
	void theCommonNameIsTheUser(EtcdBinary binary) {
		List<String> transcript = play(binary, this.guarded, (etcdctl) -> {
			List<String> root = as(this.files.client("root"));
			etcdctl.options(root);
			etcdctl.run("user", "add", "root:r");
			etcdctl.run("user", "grant-role", "root", "root");
			etcdctl.run("user", "add", "alice:a");
			etcdctl.run("role", "add", "app");
			etcdctl.run("role", "grant-permission", "app", "readwrite", "app/", "--prefix");
			etcdctl.run("user", "grant-role", "alice", "app");
			etcdctl.run("auth", "enable");
			callAs(etcdctl);
			for (String name : List.of("alice", "bob")) {
				etcdctl.options(as(this.files.client(name)));
				callAs(etcdctl);
			}
			etcdctl.options(as(this.files.namelessClient()));
			callAs(etcdctl);
			etcdctl.options(root);
			etcdctl.run("auth", "disable");
			for (String user : List.of("alice", "root")) {
				etcdctl.run("user", "delete", user);
			}
			etcdctl.run("role", "delete", "app");
			etcdctl.run("role", "delete", "root");
		});
		assertThat(transcript).contains("Authentication Disabled\n")
			.anyMatch((text) -> text.contains("permission denied"));
	}

	private static void callAs(Etcdctl etcdctl) {
		etcdctl.run("put", "app/1", "v");
		etcdctl.run("get", "app/1");
		etcdctl.run("get", "other");
		etcdctl.run("user", "list");
		etcdctl.run("endpoint", "health");
		// A token comes before the certificate.
		etcdctl.run("--user=alice:a", "put", "other", "v");
		etcdctl.run("--user=alice:a", "get", "app/1");
	}

	private List<String> as(TlsFiles.Identity client) {
		List<String> options = new ArrayList<>(this.trust);
		options.addAll(client.etcdctl());
		return options;
	}

	private static List<String> play(EtcdBinary binary, TlsPair servers, Consumer<Etcdctl> commands) {
		return EtcdctlCases.play(binary, servers.reference(), servers.candidate(), commands);
	}

	/** By ALPN etcd refuses HTTP/1.0, which is served here. */
	@ParameterizedTest
	@CsvSource({ "--http1.0 --no-alpn, /version", "--http1.1, /version", "--http2, /version",
			"--http1.0 --no-alpn, /health", "--http1.1, /health", "--http2, /health", "--http1.1, /nothing",
			"--http2, /nothing", "--http1.0 --no-alpn, /v3/kv/range", "--http1.1, /v3/kv/range",
			"--http2, /v3/kv/range" })
	void curlIsAnsweredInTheSameWay(String option, String path) {
		assumeThat(EtcdBinary.reference().isAtLeast(3, 7)).as("older versions word it differently").isTrue();
		sameAnswer(this.open, path, trusting(option));
		List<String> known = new ArrayList<>(trusting(option));
		known.addAll(this.files.client("alice").curl());
		sameAnswer(this.guarded, path, known);
	}

	@ParameterizedTest
	@CsvSource({ "--http1.1, /version", "--http2, /health", "--http1.1, /v3/kv/range" })
	void curlIsRefused(String option, String path) {
		List<String> stranger = new ArrayList<>(trusting(option));
		stranger.addAll(this.strangers.client("alice").curl());
		for (ServerUnderTest server : List.of(this.guarded.reference(), this.guarded.candidate())) {
			for (List<String> options : List.of(trusting(option), stranger)) {
				CommandLine.Result refused = curl(server, path, options);
				assertThat(refused.exit()).as(server.name() + " " + options + refused).isIn(35, 55, 56);
				assertThat(refused.output()).as(server.name()).startsWith("\n000 ");
			}
			CommandLine.Result refusing = curl(server, path,
					List.of("--cacert", this.strangers.authority().toString(), option));
			assertThat(refusing.exit()).as(server.name() + refusing).isIn(35, 60);
		}
	}

	@Test
	void gatewayKnowsNobodyByCertificate() {
		Consumer<Etcdctl> enable = (etcdctl) -> {
			etcdctl.options(as(this.files.client("root")));
			etcdctl.run("user", "add", "root:r");
			etcdctl.run("user", "grant-role", "root", "root");
			etcdctl.run("auth", "enable");
		};
		play(EtcdBinary.etcdctl(), this.guarded, enable);
		try {
			for (TlsFiles.Identity client : List.of(this.files.client("root"), this.files.namelessClient())) {
				List<String> known = new ArrayList<>(trusting("--http1.1"));
				known.addAll(client.curl());
				String answer = sameAnswer(this.guarded, "/v3/kv/range", known);
				assertThat(answer).contains("\n400 ");
				sameAnswer(this.guarded, "/version", known);
			}
		}
		finally {
			play(EtcdBinary.etcdctl(), this.guarded, (etcdctl) -> {
				etcdctl.options(as(this.files.client("root")));
				etcdctl.run("auth", "disable");
				etcdctl.run("user", "delete", "root");
				etcdctl.run("role", "delete", "root");
			});
		}
	}

	@Test
	void jetcdShowsItsCertificate() {
		List<String> left = jetcd(this.guarded.reference());
		assertThat(jetcd(this.guarded.candidate())).isEqualTo(left);
		assertThat(left).anyMatch((text) -> text.contains("value: \"over TLS\""));
	}

	private List<String> jetcd(ServerUnderTest server) {
		JetcdTranscript transcript = new JetcdTranscript();
		TlsFiles.Identity alice = this.files.client("alice");
		try (Client client = Client.builder()
			.endpoints("https://127.0.0.1:" + server.port())
			.sslContext((context) -> context.trustManager(this.files.authority().toFile())
				.keyManager(alice.certificate().toFile(), alice.key().toFile()))
			.build()) {
			KV kv = client.getKVClient();
			transcript.keep(kv.put(bytes("jetcd/1"), bytes("over TLS")).orTimeout(30, TimeUnit.SECONDS));
			transcript.keep(kv.get(bytes("jetcd/"), GetOption.builder().isPrefix(true).build())
				.orTimeout(30, TimeUnit.SECONDS));
			transcript.keep(kv.delete(bytes("jetcd/1")).orTimeout(30, TimeUnit.SECONDS));
		}
		catch (SSLException ex) {
			throw new AssertionError(ex);
		}
		return transcript.entries();
	}

	private static ByteSequence bytes(String text) {
		return ByteSequence.from(text, UTF_8);
	}

	private List<String> trusting(String option) {
		List<String> options = new ArrayList<>(List.of("--cacert", this.files.authority().toString()));
		options.addAll(List.of(option.split(" ", -1)));
		return options;
	}

	/** Asks both, and returns what both have answered. */
	private static String sameAnswer(TlsPair servers, String path, List<String> options) {
		String left = normal(curl(servers.reference(), path, options), options.contains("--http2"));
		assertThat(normal(curl(servers.candidate(), path, options), options.contains("--http2"))).isEqualTo(left);
		assertThat(left).startsWith("exit 0\n");
		return left;
	}

	private static CommandLine.Result curl(ServerUnderTest server, String path, List<String> options) {
		List<String> command = new ArrayList<>(List.of("curl", "--silent", "--show-error", "--max-time", "20",
				"--include", "--write-out", "\n%{http_code} %{content_type}"));
		if (path.startsWith("/v3/")) {
			command.addAll(List.of("--data", RANGE));
		}
		command.addAll(options);
		command.add("https://127.0.0.1:" + server.port() + path);
		return CommandLine.run(command, "");
	}

	/**
	 * An answer without what is another one on every server: among the headers the date
	 * and the order, the length of a body with ids, and those of etcd's own call to
	 * itself, which over TLS has headers for browsers as well; and without what is
	 * another one in another version of HTTP, if there may be two.
	 */
	private static String normal(CommandLine.Result result, boolean anyVersion) {
		String answer = result.output()
			.replaceAll("(3\\.7\\.)\\d+", "$1PATCH")
			.replaceAll("\"(cluster_id|member_id|raft_term)\":\"\\d+\"", "\"$1\":\"NUMBER\"")
			// Whether there are spaces differs between builds of etcd.
			.replaceAll("(?<=[\"\\d\\]}]), *\"", ",\"")
			.replaceAll("\": *", "\":");
		List<String> lines = new ArrayList<>(answer.lines().toList());
		int end = lines.indexOf("");
		if (end > 1) {
			List<String> headers = lines.subList(0, end);
			headers.replaceAll((line) -> line.replaceAll("(?i)^(date): .*", "$1"));
			headers.removeIf((line) -> line.toLowerCase(Locale.ROOT).startsWith("grpc-metadata-"));
			if (answer.contains("NUMBER") || answer.contains("\"code\":")) {
				headers.removeIf((line) -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"));
			}
			if (anyVersion) {
				headers.replaceAll((line) -> line.toLowerCase(Locale.ROOT).replaceAll("^http/\\S+ (\\d+).*", "$1"));
				headers.removeIf((line) -> line.startsWith("transfer-encoding:"));
			}
			headers.subList(1, headers.size()).sort(null);
		}
		return "exit " + result.exit() + "\n" + result.errors() + String.join("\n", lines);
	}

}
