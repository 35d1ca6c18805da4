package dev.kvserver.server;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.server.http.DebugVarsRoute;
import dev.kvserver.server.http.HealthRoute;
import dev.kvserver.server.http.HttpEndpoints;
import dev.kvserver.server.http.HttpRoute;
import dev.kvserver.server.http.LogLevelRoute;
import dev.kvserver.server.http.LogLevels;
import dev.kvserver.server.http.MetricsRoute;
import dev.kvserver.server.http.ProbeRoutes;
import dev.kvserver.server.http.ProfileRoutes;
import dev.kvserver.server.http.VersionRoute;

/** What is served over HTTP besides the JSON gateway. */
final class Endpoints {

	private final KvServerOptions options;

	private final Engine engine;

	private final List<HttpRoute> routes = new ArrayList<>();

	Endpoints(KvServerOptions options, Engine engine) {
		this.options = options;
		this.engine = engine;
	}

	List<HttpRoute> routes() {
		HttpEndpoints wanted = this.options.endpoints();
		if (wanted.version()) {
			String version = this.options.version();
			VersionRoute.Versions versions = new VersionRoute.Versions(version, version, version);
			this.routes.add(VersionRoute.of(() -> versions));
		}
		if (wanted.health()) {
			EngineHealth health = new EngineHealth(this.engine);
			this.routes.addAll(ProbeRoutes.of(health, this.engine.metrics().health()));
			this.routes.add(HealthRoute.of(health, this.engine.metrics().health()));
		}
		if (wanted.metrics()) {
			this.routes.add(MetricsRoute.of(this.engine.metrics().registry(), this.engine.metrics().scrapes(),
					wanted.openMetrics(), this.engine.readers()));
		}
		if (wanted.debugVars()) {
			this.routes.add(DebugVarsRoute.of(this::raftStatus));
		}
		if (wanted.pprof()) {
			this.routes.addAll(ProfileRoutes.of(this.engine.readers()));
		}
		LogLevels levels = wanted.logLevels();
		if (levels != null) {
			this.routes.add(LogLevelRoute.of(levels));
		}
		return this.routes;
	}

	/** As etcd's, of a member that is alone. */
	private String raftStatus() {
		String id = '"' + Long.toHexString(this.engine.data().memberId()) + '"';
		long committed = this.engine.log().committedIndex();
		return "{\"id\":" + id + ",\"term\":" + this.engine.data().log().term() + ",\"vote\":" + id + ",\"commit\":"
				+ committed + ",\"lead\":" + id + ",\"raftState\":\"StateLeader\",\"applied\":"
				+ this.engine.store().view().appliedIndex() + ",\"progress\":{" + id + ":{\"match\":" + committed
				+ ",\"next\":" + (committed + 1) + ",\"state\":\"StateReplicate\"}},\"leadtransferee\":\"0\"}";
	}

}
