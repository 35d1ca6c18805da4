package dev.kvserver.server.metrics;

import java.math.BigDecimal;

/**
 * Writes numbers as Go does, and so etcd in its metrics: 20480, 0.001, 2.147483648e+09.
 */
final class GoNumbers {

	private static final int PLAIN_EXPONENT_MIN = -4;

	private static final int PLAIN_EXPONENT_END = 6;

	/** Whole numbers below are written digit by digit. */
	private static final double WHOLE_END = 1e6;

	private GoNumbers() {
	}

	static String format(double value) {
		if (Double.isNaN(value)) {
			return "NaN";
		}
		if (Double.isInfinite(value)) {
			return (value > 0) ? "+Inf" : "-Inf";
		}
		if (value == Math.rint(value) && Math.abs(value) < WHOLE_END) {
			return Long.toString((long) value);
		}
		BigDecimal exact = new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
		String digits = exact.unscaledValue().toString();
		int exponent = digits.length() - 1 - exact.scale();
		String sign = (value < 0) ? "-" : "";
		if (exponent >= PLAIN_EXPONENT_MIN && exponent < PLAIN_EXPONENT_END) {
			return sign + exact.toPlainString();
		}
		String fraction = (digits.length() > 1) ? '.' + digits.substring(1) : "";
		String power = (Math.abs(exponent) < 10) ? "0" + Math.abs(exponent) : Integer.toString(Math.abs(exponent));
		return sign + digits.charAt(0) + fraction + 'e' + ((exponent < 0) ? '-' : '+') + power;
	}

}
