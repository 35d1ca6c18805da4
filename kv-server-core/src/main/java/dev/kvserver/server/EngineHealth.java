package dev.kvserver.server;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.AlarmMember;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.server.auth.Credentials;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.http.HealthCheck;
import dev.kvserver.server.log.Completion;
import org.jspecify.annotations.Nullable;

/** What the health endpoints ask of an engine. */
final class EngineHealth implements HealthCheck {

	private static final RangeRequest LINEARIZABLE = RangeRequest.newBuilder()
		.setKey(ByteString.copyFromUtf8("health"))
		.setLimit(1)
		.setKeysOnly(true)
		.build();

	private static final RangeRequest SERIALIZABLE = LINEARIZABLE.toBuilder().setSerializable(true).build();

	private final Engine engine;

	EngineHealth(Engine engine) {
		this.engine = engine;
	}

	@Override
	public List<AlarmType> alarms() {
		return this.engine.alarms().active(AlarmType.NONE).stream().map(AlarmMember::getAlarm).toList();
	}

	@Override
	public boolean hasLeader() {
		return true;
	}

	/** A server that refuses writes is not healthy, even if it could still read. */
	@Override
	public CompletionStage<String> readError(boolean serializable) {
		if (!this.engine.health().up()) {
			return CompletableFuture.completedFuture(EtcdError.STOPPED.text());
		}
		Probe probe = new Probe();
		this.engine.requests().as(Credentials.EMBEDDER).range(serializable ? SERIALIZABLE : LINEARIZABLE, probe);
		return probe.error;
	}

	private static final class Probe implements Completion {

		private final CompletableFuture<String> error = new CompletableFuture<>();

		@Override
		public void done(Message response) {
			this.error.complete("");
		}

		@Override
		public void failed(Throwable failure) {
			@Nullable String message = failure.getMessage();
			this.error.complete((message != null) ? message : failure.toString());
		}

	}

}
