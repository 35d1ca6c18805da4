package dev.kvserver.server.gateway;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.kvserver.server.http.HttpRoute;
import dev.kvserver.server.http.HttpTree;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;

/**
 * The routes of the gateway. There is no table of them: each method's
 * {@code google.api.http} option names its own.
 */
public final class GatewayRoutes implements HttpTree {

	private static final String PREFIX = "/v3/";

	/** Go's gateway answers so, whatever was asked for. */
	private static final Status NO_METHOD = Status.UNIMPLEMENTED.withDescription("Method Not Allowed");

	private static final Status NO_PATH = Status.NOT_FOUND.withDescription("Not Found");

	private final Map<String, HttpRoute> routes = new HashMap<>();

	/**
	 * Makes the routes.
	 * @param services the services; methods without option have no route
	 * @param interceptors called in this order for every call
	 * @param maxBodyBytes the largest body of a request; a larger one is refused with
	 * status 413
	 * @param jobs runs what is no work for an event loop
	 */
	public GatewayRoutes(List<ServerServiceDefinition> services, List<ServerInterceptor> interceptors, int maxBodyBytes,
			GatewayJobs jobs) {
		for (ServerServiceDefinition service : services) {
			for (ServerMethodDefinition<?, ?> method : ServerInterceptors.interceptForward(service, interceptors)
				.getMethods()) {
				add(method, maxBodyBytes, jobs);
			}
		}
	}

	private void add(ServerMethodDefinition<?, ?> method, int maxBodyBytes, GatewayJobs jobs) {
		if (!(method.getMethodDescriptor().getSchemaDescriptor() instanceof ProtoMethodDescriptorSupplier schema)) {
			return;
		}
		MethodDescriptor descriptor = schema.getMethodDescriptor();
		if (!descriptor.getOptions().hasExtension(AnnotationsProto.http)) {
			return;
		}
		GatewayMethod<?, ?> target = new GatewayMethod<>(method, descriptor, maxBodyBytes, jobs);
		HttpRule rule = descriptor.getOptions().getExtension(AnnotationsProto.http);
		add(rule.getPost(), target);
		for (HttpRule other : rule.getAdditionalBindingsList()) {
			add(other.getPost(), target);
		}
	}

	private void add(String path, GatewayMethod<?, ?> target) {
		if (this.routes.put(path, target.route(path)) != null) {
			throw new IllegalArgumentException("Two methods for " + path);
		}
	}

	@Override
	public String prefix() {
		return PREFIX;
	}

	@Override
	public boolean speaksWebSocket() {
		return true;
	}

	@Override
	public HttpRoute find(String method, String path) {
		HttpRoute route = this.routes.get(path);
		if (route == null) {
			return HttpRoute.always(GatewayErrors.answer(NO_PATH));
		}
		return method.equals("POST") ? route : HttpRoute.always(GatewayErrors.answer(NO_METHOD));
	}

}
