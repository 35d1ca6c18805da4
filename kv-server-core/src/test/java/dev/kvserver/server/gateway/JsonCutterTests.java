package dev.kvserver.server.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Where JSON values begin and end, however the bytes arrive. */
class JsonCutterTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{}|{}
			{}{"a":1}\t[2] |{};{"a":1};[2]
			{"a":"}\\\\"{"}{}|{"a":"}\\\\"{"};{}
			{"a":"\\\\\\\\"}{}|{"a":"\\\\\\\\"};{}
			1 "x y" true|1;"x y";true
			1{}null[]|1;{};null;[]
			"a""b"|"a";"b"
			}{}|};{}
			{nonsense|{nonsense
			{"a":[{"b":{}}]}x|{"a":[{"b":{}}]};x
			``|
			` `|
			""")
	void valuesAreCutWhereTheyEnd(String text, String values) {
		String unescaped = text.replace("\\\\", "\\");
		List<String> expected = (values == null) ? List.of() : List.of(values.replace("\\\\", "\\").split(";"));
		assertThat(cut(unescaped, List.of(unescaped.length()))).isEqualTo(expected);
		SplittableRandom random = new SplittableRandom(unescaped.hashCode());
		for (int i = 0; i < 50; i++) {
			assertThat(cut(unescaped, pieces(unescaped.length(), random))).isEqualTo(expected);
		}
	}

	@Test
	void aValueIsThereAsSoonAsItsLastByteIs() {
		JsonCutter cutter = new JsonCutter(100);
		cutter.add(ByteString.copyFromUtf8("{\"a\":1"), false);
		assertThat(cutter.hasValue()).isFalse();
		cutter.add(ByteString.copyFromUtf8("}"), false);
		assertThat(cutter.hasValue()).isTrue();
		assertThat(cutter.poll()).isEqualTo(ByteString.copyFromUtf8("{\"a\":1}"));
		assertThat(cutter.poll()).isNull();
	}

	@Test
	void aValueThatDoesNotEndIsNotKeptForEver() {
		JsonCutter cutter = new JsonCutter(10);
		assertThat(cutter.add(ByteString.copyFromUtf8("[1,2,3,4,5"), false)).isTrue();
		assertThat(cutter.add(ByteString.copyFromUtf8(","), false)).isFalse();
	}

	private static List<Integer> pieces(int length, SplittableRandom random) {
		List<Integer> pieces = new ArrayList<>();
		for (int left = length; left > 0;) {
			int piece = 1 + random.nextInt(left);
			pieces.add(piece);
			left -= piece;
		}
		return pieces;
	}

	private static List<String> cut(String text, List<Integer> pieces) {
		JsonCutter cutter = new JsonCutter(1000);
		List<String> values = new ArrayList<>();
		int at = 0;
		for (int piece : pieces) {
			cutter.add(ByteString.copyFromUtf8(text.substring(at, at + piece)), false);
			at += piece;
			collect(cutter, values);
		}
		cutter.add(ByteString.EMPTY, true);
		collect(cutter, values);
		return values;
	}

	private static void collect(JsonCutter cutter, List<String> values) {
		for (ByteString value = cutter.poll(); value != null; value = cutter.poll()) {
			values.add(value.toStringUtf8().strip());
		}
	}

}
