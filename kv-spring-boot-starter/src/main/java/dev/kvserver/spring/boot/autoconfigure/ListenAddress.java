package dev.kvserver.spring.boot.autoconfigure;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads {@code kv.server.listen.addresses}: {@code host:port}, {@code [IPv6]:port}, or
 * {@code *:port} for all interfaces.
 */
final class ListenAddress {

	private static final Pattern FORM = Pattern.compile("(\\*|\\[[^\\[\\]/]+]|[^:/\\[\\]]+):(\\d{1,5})");

	private static final int PORT_MAX = 65_535;

	private ListenAddress() {
	}

	/**
	 * Reads one address and looks its host up.
	 * @throws IllegalArgumentException if the text has another form, the port is above
	 * 65,535 or the host is unknown, saying which
	 */
	static InetSocketAddress parse(String text) {
		Matcher matcher = FORM.matcher(text.strip());
		if (!matcher.matches()) {
			throw new IllegalArgumentException("Expected host:port, [IPv6]:port or *:port, without a scheme");
		}
		int port = Integer.parseInt(matcher.group(2));
		if (port > PORT_MAX) {
			throw new IllegalArgumentException("The port must not be above " + PORT_MAX);
		}
		String host = matcher.group(1);
		InetSocketAddress address = host.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
		if (address.isUnresolved()) {
			throw new IllegalArgumentException("The host '" + host + "' is unknown");
		}
		return address;
	}

}
