package dev.kvserver.server.gateway;

import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code Grpc-Timeout}: up to eight digits and a unit. */
final class GatewayTimeout {

	private static final Pattern FORM = Pattern.compile("(\\d{1,8})([HMSmun])");

	private GatewayTimeout() {
	}

	/** Nanoseconds, or -1 for none; what cannot be read is none. */
	static long nanos(String header) {
		Matcher matcher = FORM.matcher(header);
		if (!matcher.matches()) {
			return -1;
		}
		TimeUnit unit = switch (matcher.group(2).charAt(0)) {
			case 'H' -> TimeUnit.HOURS;
			case 'M' -> TimeUnit.MINUTES;
			case 'S' -> TimeUnit.SECONDS;
			case 'm' -> TimeUnit.MILLISECONDS;
			case 'u' -> TimeUnit.MICROSECONDS;
			default -> TimeUnit.NANOSECONDS;
		};
		return unit.toNanos(Long.parseLong(matcher.group(1)));
	}

}
