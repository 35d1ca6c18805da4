package dev.kvserver.server.http;

import java.util.List;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** etcd-contract section 4.4. */
class DebugVarsRouteTests {

	@Test
	void variablesAreThoseOfEtcd() throws InvalidProtocolBufferException {
		try (TestConnection connection = new TestConnection(DebugVarsRoute.of(() -> "{\"term\":7}"))) {
			String answer = connection.send("GET /debug/vars HTTP/1.1\r\nHost: kv\r\n\r\n");
			assertThat(answer).contains("Content-Type: application/json; charset=utf-8\r\n");
			Struct.Builder json = Struct.newBuilder();
			JsonFormat.parser().merge(TestConnection.bodyOf(answer), json);
			assertThat(json.getFieldsMap()).containsOnlyKeys("cmdline", "file_descriptor_limit", "memstats",
					"raft.status");
			assertThat(json.getFieldsOrThrow("cmdline").getListValue().getValuesList()).isNotEmpty();
			assertThat(number(json, "memstats", "HeapAlloc")).isPositive();
			assertThat(number(json, "raft.status", "term")).isEqualTo(7);
		}
	}

	private static double number(Struct.Builder json, String object, String field) {
		return json.getFieldsOrThrow(object).getStructValue().getFieldsOrThrow(field).getNumberValue();
	}

	@Test
	void onlyGetIsAllowed() {
		try (TestConnection connection = new TestConnection(DebugVarsRoute.of(() -> "{}"))) {
			String answer = connection.send("POST /debug/vars HTTP/1.1\r\nHost: kv\r\nContent-Length: 0\r\n\r\n");
			assertThat(TestConnection.statusOf(answer)).isEqualTo("HTTP/1.1 405 Method Not Allowed");
			assertThat(answer).contains("Allow: GET\r\n");
		}
	}

	@Test
	void secretsOfTheCommandLineAreHidden() {
		assertThat(CommandLine.redacted(List.of("/usr/bin/java", "-Xmx1g", "-Ddb.password=a=b", "--api-key=k",
				"--my.Secret", "s", "--token", "-x", "y", "--url=http://user:pw@host/path", "--name=kv", "jdbc://u:p@h",
				"-Durl=https://u:p/w@h/?a=b&Token=x&c=d", "--db=jdbc:postgresql://h/db?user=u&password=s3cret;apiKey=k",
				"password", "next")))
			.containsExactly("/usr/bin/java", "-Xmx1g", "-Ddb.password=***", "--api-key=***", "--my.Secret", "***",
					"--token", "-x", "y", "--url=http://***@host/path", "--name=kv", "jdbc://***@h",
					"-Durl=https://***@h/?a=b&Token=***&c=d",
					"--db=jdbc:postgresql://h/db?user=u&password=***;apiKey=***", "password", "next");
	}

}
