package dev.kvserver.server.key;

import java.nio.charset.StandardCharsets;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The meaning of {@code range_end} (etcd-contract section 2.3). */
class KeyRangeTests {

	@Test
	void withoutEndItIsTheSingleKey() {
		KeyRange range = KeyRange.of(ByteString.copyFromUtf8("b"), ByteString.EMPTY);
		assertThat(range.isSingle()).isTrue();
		assertThat(range.isEmpty()).isFalse();
		assertThat(range.contains(bytes("b"))).isTrue();
		assertThat(range.contains(bytes("b\0"))).isFalse();
		assertThat(range.isBelowEnd(bytes("a"))).isTrue();
		assertThat(range.isBelowEnd(bytes("b"))).isTrue();
		assertThat(range.isBelowEnd(bytes("b\0"))).isFalse();
		assertThat(range.end()).isEqualTo(bytes("b\0"));
	}

	@Test
	void aZeroByteAsEndMeansNoEnd() {
		KeyRange range = KeyRange.of(ByteString.copyFromUtf8("b"), ByteString.copyFrom(new byte[1]));
		assertThat(range.end()).isNull();
		assertThat(range.contains(new byte[] { (byte) 0xff, (byte) 0xff })).isTrue();
		assertThat(range.contains(bytes("a"))).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "b, d, a, false", "b, d, b, true", "b, d, c, true", "b, d, d, false", "d, b, c, false",
			"b, b, b, false" })
	void holdsKeysFromItsStartToBeforeItsEnd(String start, String end, String key, boolean held) {
		KeyRange range = KeyRange.of(ByteString.copyFromUtf8(start), ByteString.copyFromUtf8(end));
		assertThat(range.contains(bytes(key))).isEqualTo(held);
		assertThat(range.isEmpty()).isEqualTo(start.compareTo(end) >= 0);
	}

	@Test
	void bytesAreComparedUnsigned() {
		KeyRange range = KeyRange.between(new byte[] { 0x7f }, new byte[] { (byte) 0x81 });
		assertThat(range.contains(new byte[] { (byte) 0x80 })).isTrue();
		assertThat(range.isEmpty()).isFalse();
	}

	@Test
	void bytesOfAWholeStringAreNotCopied() {
		byte[] array = { 1, 2, 3 };
		assertThat(Bytes.of(Bytes.wrap(array))).isSameAs(array);
		assertThat(Bytes.of(Bytes.wrap(array).substring(1))).containsExactly(2, 3);
		assertThat(Bytes.of(ByteString.copyFromUtf8("a").concat(ByteString.copyFromUtf8("b")))).isEqualTo(bytes("ab"));
	}

	@Test
	void textShowsWhatIsNotPrintable() {
		assertThat(Bytes.toText(new byte[] { 'a', 0, (byte) 0xff })).isEqualTo("a\\x00\\xff");
		assertThat(KeyRange.all()).hasToString("[, ∞)");
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
