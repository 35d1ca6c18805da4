package dev.kvserver.server.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes the few kinds of values that a certificate is made of, in the encoding that
 * signatures are made over: a tag, the length, the content.
 */
final class Der {

	private static final int INTEGER = 0x02;

	private static final int BIT_STRING = 0x03;

	private static final int OCTET_STRING = 0x04;

	private static final int OBJECT_IDENTIFIER = 0x06;

	private static final int UTF8_STRING = 0x0c;

	private static final int UTC_TIME = 0x17;

	private static final int GENERALIZED_TIME = 0x18;

	private static final int SEQUENCE = 0x30;

	private static final int SET = 0x31;

	/** Up to 2049 a certificate must give years with two digits, and from then on not. */
	private static final Instant YEAR_2050 = Instant.parse("2050-01-01T00:00:00Z");

	private static final DateTimeFormatter UTC = formatter("yyMMddHHmmss'Z'");

	private static final DateTimeFormatter GENERALIZED = formatter("yyyyMMddHHmmss'Z'");

	private Der() {
	}

	static byte[] sequence(byte[]... values) {
		return value(SEQUENCE, join(values));
	}

	static byte[] set(byte[]... values) {
		return value(SET, join(values));
	}

	static byte[] integer(BigInteger number) {
		return value(INTEGER, number.toByteArray());
	}

	static byte[] utf8(String text) {
		return value(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
	}

	static byte[] time(Instant time) {
		boolean early = time.isBefore(YEAR_2050);
		String text = (early ? UTC : GENERALIZED).format(time);
		return value(early ? UTC_TIME : GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
	}

	private static DateTimeFormatter formatter(String pattern) {
		return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
	}

	static byte[] octets(byte[] content) {
		return value(OCTET_STRING, content);
	}

	/** A string of bits that ends with a whole byte. */
	static byte[] bits(byte[] content) {
		return value(BIT_STRING, join(new byte[1], content));
	}

	/**
	 * An identifier of which each number but the first is below 16,384.
	 * @param numbers its numbers
	 */
	static byte[] identifier(int... numbers) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		bytes.write(40 * numbers[0] + numbers[1]);
		for (int i = 2; i < numbers.length; i++) {
			if (numbers[i] > 0x7f) {
				bytes.write(0x80 | (numbers[i] >> 7));
			}
			bytes.write(numbers[i] & 0x7f);
		}
		return value(OBJECT_IDENTIFIER, bytes.toByteArray());
	}

	/** Content behind any tag, such as one with a meaning of its own. */
	static byte[] value(int tag, byte[] content) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		bytes.write(tag);
		int length = content.length;
		if (length > 0xff) {
			bytes.write(0x82);
			bytes.write(length >> 8);
		}
		else if (length > 0x7f) {
			bytes.write(0x81);
		}
		bytes.write(length);
		bytes.writeBytes(content);
		return bytes.toByteArray();
	}

	private static byte[] join(byte[]... values) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		for (byte[] value : values) {
			bytes.writeBytes(value);
		}
		return bytes.toByteArray();
	}

}
