package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.tls.TlsException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;

/**
 * Has the server load its keys and certificates again when their SSL bundle changes.
 */
final class TlsReload {

	private static final Log logger = LogFactory.getLog(TlsReload.class);

	private final KvServer server;

	private final String bundle;

	TlsReload(KvServer server, String bundle) {
		this.server = server;
		this.bundle = bundle;
	}

	/**
	 * Watches the bundle for as long as its registry lives, which is that of the server.
	 */
	void watch(SslBundles bundles) {
		bundles.addBundleUpdateHandler(this.bundle, this::onUpdate);
	}

	private void onUpdate(SslBundle updated) {
		try {
			this.server.reloadTls();
		}
		catch (TlsException ex) {
			logger.warn("The SSL bundle '" + this.bundle + "' has changed but cannot be used. "
					+ "The KV server goes on with what it had: " + ex.getMessage());
		}
	}

}
