package dev.kvserver.spring.boot.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import dev.kvserver.server.KvServerOptions;
import dev.kvserver.server.tls.TlsOptions;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * What the log says when the port has been opened: one line, and a warning for each thing
 * an operator should know.
 */
final class StartupReport {

	private static final Log logger = LogFactory.getLog(KvServerTransportAutoConfiguration.class);

	private final KvServerOptions options;

	StartupReport(KvServerOptions options) {
		this.options = options;
	}

	/**
	 * Reports an open port.
	 * @param bound the addresses of the options, in their order, with real port numbers
	 */
	void log(List<InetSocketAddress> bound) {
		logger.info("KV server started on " + String.join(", ", texts(bound, (ip) -> true)) + " (grpc+http, "
				+ security() + "), store " + store() + ", member '" + this.options.name() + "'");
		List<String> exposed = texts(bound, (ip) -> !ip.isLoopbackAddress());
		TlsOptions tls = this.options.port().tls();
		if (!exposed.isEmpty() && (tls == null || tls.plaintextToo())) {
			logger.warn("The KV server takes commands from other machines on " + String.join(", ", exposed)
					+ " without encryption and without asking who they are");
		}
		OldLibraries.complaints().forEach(logger::warn);
	}

	private String security() {
		TlsOptions tls = this.options.port().tls();
		return (tls == null) ? "insecure" : tls.plaintextToo() ? "tls and insecure" : "tls";
	}

	private String store() {
		Path directory = this.options.dataDirectory();
		return (directory != null) ? "rocksdb:" + directory : "memory";
	}

	private List<String> texts(List<InetSocketAddress> bound, Predicate<InetAddress> filter) {
		List<String> texts = new ArrayList<>();
		for (int i = 0; i < bound.size(); i++) {
			InetAddress ip = this.options.port().addresses().get(i).getAddress();
			if (filter.test(ip)) {
				String host = ip.isAnyLocalAddress() ? "*" : bound.get(i).getHostString();
				texts.add(host + ":" + bound.get(i).getPort());
			}
		}
		return texts;
	}

}
