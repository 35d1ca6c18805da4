package dev.kvserver.server.http;

import java.util.List;
import java.util.Set;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages may talk to the server, and by which host names of its own
 * (etcd-contract section 4.1, access controller).
 *
 * @param origins origins that browsers are told to let through; {@code *} or none at all
 * is everybody's
 * @param hosts names in the {@code Host} header, without port, that are answered;
 * {@code *} or none at all is any name
 */
public record HttpAccess(Set<String> origins, Set<String> hosts) {

	private static final String ALL = "*";

	/** Lets everybody in, as etcd does unless told otherwise. */
	public static final HttpAccess ANY = new HttpAccess(Set.of(ALL), Set.of(ALL));

	/**
	 * Makes the rules.
	 * @param origins the origins, see above
	 * @param hosts the host names, see above
	 * @return the rules
	 */
	public static HttpAccess of(List<String> origins, List<String> hosts) {
		return new HttpAccess(Set.copyOf(origins), Set.copyOf(hosts));
	}

	/** The answer to a request by a name that is not ours; {@code null} if it is. */
	@Nullable HttpAnswer refusal(HttpRequest head) {
		String host = host(head);
		if (allows(this.hosts, host)) {
			return null;
		}
		return HttpAnswer.error(421, """

				etcd received your request, but the Host header was unrecognized.

				To fix this, choose one of the following options:
				- Enable TLS, then any HTTPS request will be allowed.
				- Add the hostname you want to use to the whitelist in settings.
				  - e.g. etcd --host-whitelist "%s"

				This requirement has been added to help prevent "DNS Rebinding" attacks (CVE-2018-5702).
				""".formatted(host));
	}

	/** What to tell a browser that is not refused, {@code null} for nothing. */
	@Nullable String allowedOrigin(HttpRequest head) {
		if (allows(this.origins, ALL)) {
			return ALL;
		}
		String origin = head.headers().get(HttpHeaderNames.ORIGIN, "");
		return this.origins.contains(origin) ? origin : null;
	}

	private static boolean allows(Set<String> allowed, String name) {
		return allowed.isEmpty() || allowed.contains(ALL) || allowed.contains(name);
	}

	/** The name that the client has for the server, without a port if it has one. */
	private static String host(HttpRequest head) {
		String authority = RequestTarget.authority(head.uri());
		String host = (authority != null) ? authority : head.headers().get(HttpHeaderNames.HOST, "");
		int colon = host.lastIndexOf(':');
		if (host.startsWith("[")) {
			int end = host.indexOf("]:");
			return (end > 0 && end + 1 == colon) ? host.substring(1, end) : host;
		}
		return (colon >= 0 && host.indexOf(':') == colon) ? host.substring(0, colon) : host;
	}

}
