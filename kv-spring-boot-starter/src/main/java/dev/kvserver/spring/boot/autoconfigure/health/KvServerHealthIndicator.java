package dev.kvserver.spring.boot.autoconfigure.health;

import dev.kvserver.server.KvServer;
import dev.kvserver.server.KvServerHealth;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Down once the server refuses writes because one of its threads or its disk has failed.
 */
final class KvServerHealthIndicator extends AbstractHealthIndicator {

	private final KvServer server;

	KvServerHealthIndicator(KvServer server) {
		super("The health of the KV server could not be read");
		this.server = server;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		KvServerHealth health = this.server.health();
		if (health.up()) {
			builder.up();
		}
		else {
			builder.down().withDetail("reason", health.reason());
		}
	}

}
