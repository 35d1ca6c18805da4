package dev.kvserver.tidy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the sources of every module to the house rules, and shows of each rule that it
 * can fail.
 */
class TidyTests {

	@Test
	void theRepositoryIsTidy() throws IOException {
		List<SourceFile> files = SourceFile.ofRepository();
		List<String> complaints = new ArrayList<>(TextRules.packagesWithoutInfo(files));
		for (SourceFile file : files) {
			complaints.addAll(complaintsAbout(file));
		}
		assertThat(complaints).isEmpty();
	}

	@Test
	void theSourcesOfAllModulesAreRead() throws IOException {
		assertThat(SourceFile.ofRepository()).extracting(SourceFile::path)
			.contains("pom.xml", ".ci/run", "proto/src/main/proto/etcdserverpb/rpc.proto",
					"kv-server-core/src/main/java/dev/kvserver/server/package-info.java",
					"kv-server-core/src/test/java/dev/kvserver/tidy/TidyTests.java",
					"sample-app/src/main/java/dev/kvserver/sample/SampleApplication.java")
			.noneMatch((path) -> path.contains("/target/"));
	}

	@Test
	void methodLongerThanItsLimitIsFound() throws IOException {
		int body = JavaRules.LINES_PER_METHOD_MAX - 1;
		assertThat(complaintsAbout(method("\n".repeat(body)))).isEmpty();
		assertThat(complaintsAbout(method("\n".repeat(body + 1)))).singleElement()
			.asString()
			.contains("Snippet.java:2: run has more than");
	}

	@Test
	void fileLongerThanItsLimitIsFound() throws IOException {
		assertThat(complaintsAbout(java("\n".repeat(TextRules.LINES_PER_FILE_MAX)))).isEmpty();
		assertThat(complaintsAbout(java("\n".repeat(TextRules.LINES_PER_FILE_MAX + 1)))).hasSize(1);
	}

	@Test
	void lineLongerThanItsLimitIsFoundWithTabsAsFourColumns() throws IOException {
		String line = "\t// " + "x".repeat(TextRules.COLUMNS_MAX - 7);
		assertThat(complaintsAbout(java(line))).isEmpty();
		assertThat(complaintsAbout(java(line + "x"))).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "System.currentTimeMillis();", "java.lang.System.currentTimeMillis();", "Thread.sleep(1);",
			"TimeUnit.SECONDS.sleep(1);", "System.out.println();", "System.err.println();", "run(System.out);",
			"new Random(1);", "new java.util.Random();", "Supplier<Random> s = Random::new;",
			"Runnable r = () -> Thread.sleep(1);", "LongSupplier s = System::currentTimeMillis;" })
	void bannedCallIsFound(String statement) throws IOException {
		assertThat(complaintsAbout(method(statement))).hasSize(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "System.nanoTime();", "new SplittableRandom(1);", "// Thread.sleep(1)",
			"String s = \"System.out\";" })
	void harmlessCallIsLeftAlone(String statement) throws IOException {
		assertThat(complaintsAbout(method(statement + "\n"))).isEmpty();
	}

	@Test
	void staticImportOfABannedCallIsFound() throws IOException {
		assertThat(complaintsAbout(java("import static java.lang.Thread.sleep;"))).hasSize(1);
	}

	@Test
	void onlyTheLoadDriverMayPrint() throws IOException {
		String text = method("System.out.println();").text();
		assertThat(complaintsAbout(new SourceFile("kv-benchmarks/src/main/java/a/Driver.java", text))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "TO" + "DO: later", "// FIX" + "ME" })
	void leftOverMarkIsFound(String line) throws IOException {
		assertThat(complaintsAbout(new SourceFile("docs/a.md", line))).containsExactly("docs/a.md:1: left-over mark");
	}

	@ParameterizedTest
	@ValueSource(strings = { "cd /" + "work/main", "data-dir: '/" + "tmp/data'" })
	void machinePathIsFound(String line) throws IOException {
		assertThat(complaintsAbout(new SourceFile("docs/a.md", line))).hasSize(1);
		assertThat(complaintsAbout(new SourceFile("docs/a.md", "the path target/" + "tmp/data"))).isEmpty();
	}

	@Test
	void registryHostIsFoundExceptInTheWrapper() throws IOException {
		String line = "url=https://repo.maven.%s.org/maven2".formatted("apache");
		assertThat(complaintsAbout(new SourceFile("pom.xml", line))).hasSize(1);
		assertThat(complaintsAbout(new SourceFile(".mvn/wrapper/maven-wrapper.properties", line))).isEmpty();
	}

	@Test
	void packageWithoutInfoIsFound() {
		SourceFile main = new SourceFile("m/src/main/java/a/A.java", "");
		SourceFile test = new SourceFile("m/src/test/java/a/ATests.java", "");
		SourceFile info = new SourceFile("m/src/main/java/a/package-info.java", "");
		assertThat(TextRules.packagesWithoutInfo(List.of(main))).hasSize(1);
		assertThat(TextRules.packagesWithoutInfo(List.of(test))).hasSize(1);
		assertThat(TextRules.packagesWithoutInfo(List.of(main, test, info))).isEmpty();
	}

	private static List<String> complaintsAbout(SourceFile file) throws IOException {
		List<String> complaints = new ArrayList<>(TextRules.complaints(file));
		complaints.addAll(JavaRules.complaints(file));
		return complaints;
	}

	private static SourceFile java(String text) {
		return new SourceFile("m/src/main/java/a/Snippet.java", text);
	}

	private static SourceFile method(String body) {
		return java("class Snippet {\nvoid run() {" + body + "}\n}");
	}

}
