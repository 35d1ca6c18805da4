package dev.kvserver.benchmarks.load.workload;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.benchmarks.load.wire.Reply;
import dev.kvserver.benchmarks.load.wire.Rpc;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.mvccpb.KeyValue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class KeyspaceTests {

	private final Keyspace keys = new Keyspace("p/", 8, 1_001);

	@Test
	void keysAreInTheOrderOfTheirNumbers() {
		assertThat(text(this.keys.key(0))).isEqualTo("p/000000");
		assertThat(text(this.keys.key(1_000))).isEqualTo("p/001000");
		assertThat(text(this.keys.key(7))).isEqualTo("p/000007");
		assertThat(text(this.keys.first())).isEqualTo("p/");
		assertThat(text(this.keys.end())).isEqualTo("p0");
	}

	@Test
	void numbersAreFoundInKeysOfTheSetOnly() {
		assertThat(
				numbers("p/000000", "p/001000", "p/001001", "p/100000", "q/000000", "p/00000x", "p/00000", "p/0000000"))
			.containsExactly(0, 1_000, -1, -1, -1, -1, -1, -1);
	}

	@Test
	void keysThatDoNotFitAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Keyspace("prefix", 8, 1_000));
		assertThatIllegalArgumentException().isThrownBy(() -> new Keyspace("", 8, 10));
	}

	private List<Integer> numbers(String... texts) {
		List<Integer> numbers = new ArrayList<>();
		RangeResponse.Builder range = RangeResponse.newBuilder();
		for (String text : texts) {
			range.addKvs(KeyValue.newBuilder().setKey(ByteString.copyFromUtf8(text)));
		}
		byte[] bytes = range.build().toByteArray();
		new Reply().read(Rpc.RANGE, bytes, 0, bytes.length, (keyValue) -> numbers.add(this.keys.number(keyValue)));
		return numbers;
	}

	private static String text(byte[] key) {
		return new String(key, StandardCharsets.US_ASCII);
	}

}
