package dev.kvserver.server.rpc;

import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import dev.kvserver.proto.etcdserverpb.WatchGrpc;
import dev.kvserver.proto.etcdserverpb.WatchRequest;
import dev.kvserver.server.watch.WatchAuthorizer;
import dev.kvserver.server.watch.WatchLoop;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * {@code etcdserverpb.Watch}. Its responses are encoded by the loop, so the method's
 * response type is bytes; on the wire nothing differs.
 */
public final class WatchService implements BindableService {

	private static final MethodDescriptor<WatchRequest, InputStream> WATCH = MethodDescriptor
		.<WatchRequest, InputStream>newBuilder()
		.setType(MethodDescriptor.MethodType.BIDI_STREAMING)
		.setFullMethodName(WatchGrpc.getWatchMethod().getFullMethodName())
		.setRequestMarshaller(WatchGrpc.getWatchMethod().getRequestMarshaller())
		.setResponseMarshaller(new Encoded())
		.setSchemaDescriptor(WatchGrpc.getWatchMethod().getSchemaDescriptor())
		.build();

	private final WatchLoop loop;

	private final Supplier<WatchAuthorizer> authorizers;

	private final Set<WatchCall> calls = ConcurrentHashMap.newKeySet();

	private final SentBehind sentBehind = new SentBehind();

	private volatile @Nullable Status drained;

	/**
	 * Makes the service.
	 * @param loop delivers the events; it may outlive the service
	 * @param authorizers makes what decides for the call that is being begun on the
	 * calling thread what its caller may watch; called on the network thread, must not
	 * block
	 */
	public WatchService(WatchLoop loop, Supplier<WatchAuthorizer> authorizers) {
		this.loop = loop;
		this.authorizers = authorizers;
	}

	@Override
	public ServerServiceDefinition bindService() {
		ServiceDescriptor service = ServiceDescriptor.newBuilder(WatchGrpc.SERVICE_NAME)
			.setSchemaDescriptor(WatchGrpc.getServiceDescriptor().getSchemaDescriptor())
			.addMethod(WATCH)
			.build();
		return ServerServiceDefinition.builder(service).addMethod(WATCH, this::start).build();
	}

	private ServerCall.Listener<WatchRequest> start(ServerCall<WatchRequest, InputStream> call, Metadata headers) {
		WatchCall started = new WatchCall(call, this, this.loop, this.authorizers.get());
		this.calls.add(started);
		Status status = this.drained;
		if (status != null) {
			started.end(status);
		}
		return started;
	}

	/**
	 * Ends all calls, those to come included; for a graceful stop, because a watch never
	 * ends by itself. Any thread; does not wait.
	 * @param status what the clients get, such as {@code EtcdError.STOPPED.status()}
	 */
	public void drain(Status status) {
		this.drained = status;
		for (WatchCall call : this.calls) {
			call.end(status);
		}
	}

	/**
	 * How many calls are open. Any thread.
	 * @return the number
	 */
	public int openCalls() {
		return this.calls.size();
	}

	/**
	 * What was sent without gRPC's tracers seeing it.
	 * @return the counters
	 */
	public SentBehind sentBehind() {
		return this.sentBehind;
	}

	void ended(WatchCall call) {
		this.calls.remove(call);
	}

	/** Messages that are bytes already. */
	private static final class Encoded implements MethodDescriptor.Marshaller<InputStream> {

		@Override
		public InputStream stream(InputStream value) {
			return value;
		}

		@Override
		public InputStream parse(InputStream stream) {
			return stream;
		}

	}

}
