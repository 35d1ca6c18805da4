package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.v3electionpb.CampaignRequest;
import dev.kvserver.proto.v3lockpb.LockRequest;
import dev.kvserver.server.port.PortOptions;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that are well-formed and mean nothing: any method, any field, the numbers at
 * their ends, enums that nobody knows. Each gets an answer, and none harms the server.
 * Set {@code -Dkv.seed} to repeat a run.
 */
@Timeout(120)
class StrangeRequestsTests {

	private static final Logger LOGGER = LoggerFactory.getLogger(StrangeRequestsTests.class);

	private static final int REQUESTS = 3_000;

	private static final int DEPTH_MAX = 4;

	private final SplittableRandom random;

	StrangeRequestsTests() {
		long seed = Long.getLong("kv.seed", System.nanoTime());
		LOGGER.info("Seed {} (-Dkv.seed={})", seed, seed);
		this.random = new SplittableRandom(seed);
	}

	@Test
	void noneHarmsTheServer() throws Exception {
		List<MethodDescriptor> methods = methods();
		try (KvServer server = open()) {
			server.listen();
			ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
			try {
				for (int i = 0; i < REQUESTS; i++) {
					MethodDescriptor method = methods.get(this.random.nextInt(methods.size()));
					DynamicMessage request = message(method.getInputType(), 0);
					call(channel, method, request);
					assertThat(server.health()).as(() -> method.getFullName() + " " + request)
						.isEqualTo(KvServerHealth.UP);
				}
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	/** Answers of streams that wait for more are not waited for. */
	private static void call(ManagedChannel channel, MethodDescriptor method, DynamicMessage request) {
		ClientCall<DynamicMessage, DynamicMessage> call = channel.newCall(
				io.grpc.MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
					.setType(io.grpc.MethodDescriptor.MethodType.UNKNOWN)
					.setFullMethodName(method.getService().getFullName() + "/" + method.getName())
					.setRequestMarshaller(
							ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getInputType())))
					.setResponseMarshaller(
							ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(method.getOutputType())))
					.build(),
				CallOptions.DEFAULT.withDeadlineAfter(waits(method) ? 30 : 30_000, TimeUnit.MILLISECONDS));
		End end = new End();
		call.start(end, new Metadata());
		call.request(100);
		call.sendMessage(request);
		call.halfClose();
		Status status = end.await();
		if (!waits(method)) {
			assertThat(status.getCode()).as(() -> method.getFullName() + " " + request)
				.isNotIn(Status.Code.DEADLINE_EXCEEDED, Status.Code.INTERNAL, Status.Code.UNAVAILABLE);
			assertThat(String.valueOf(status.getDescription())).doesNotContain("unexpected error");
		}
	}

	/** Methods that may wait for somebody else, or go on until the client leaves. */
	private static boolean waits(MethodDescriptor method) {
		return List.of("Watch", "Campaign", "Observe", "Lock").contains(method.getName());
	}

	private static List<MethodDescriptor> methods() {
		List<MethodDescriptor> methods = new ArrayList<>();
		for (FileDescriptor file : List.of(PutRequest.getDescriptor().getFile(), LockRequest.getDescriptor().getFile(),
				CampaignRequest.getDescriptor().getFile())) {
			for (ServiceDescriptor service : file.getServices()) {
				methods.addAll(service.getMethods());
			}
		}
		// With auth enabled or an alarm raised nothing else would be done any more.
		methods.removeIf((method) -> List.of("AuthEnable", "Alarm").contains(method.getName()));
		return methods;
	}

	private DynamicMessage message(Descriptor type, int depth) {
		DynamicMessage.Builder message = DynamicMessage.newBuilder(type);
		for (FieldDescriptor field : type.getFields()) {
			if (this.random.nextInt(3) == 0 || (isMessage(field) && depth == DEPTH_MAX)) {
				continue;
			}
			if (field.isRepeated()) {
				for (int i = this.random.nextInt(4); i > 0; i--) {
					message.addRepeatedField(field, value(field, depth));
				}
			}
			else {
				message.setField(field, value(field, depth));
			}
		}
		return message.build();
	}

	private static boolean isMessage(FieldDescriptor field) {
		return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
	}

	private Object value(FieldDescriptor field, int depth) {
		return switch (field.getJavaType()) {
			case INT -> (int) number();
			case LONG -> number();
			case FLOAT -> (float) number();
			case DOUBLE -> (double) number();
			case BOOLEAN -> this.random.nextBoolean();
			case STRING -> pick("", "a", "root", "3.6", "x\u0000y", "http://127.0.0.1:1");
			case BYTE_STRING -> ByteString.copyFromUtf8(pick("", "a", "b", "\u0000", "a/", "zz"));
			case ENUM -> field.getEnumType().findValueByNumberCreatingIfUnknown((int) number());
			case MESSAGE -> message(field.getMessageType(), depth + 1);
		};
	}

	private long number() {
		return switch (this.random.nextInt(8)) {
			case 0 -> Long.MAX_VALUE;
			case 1 -> Long.MIN_VALUE;
			case 2 -> -1;
			case 3 -> Integer.MAX_VALUE;
			case 4 -> this.random.nextLong();
			default -> this.random.nextInt(5);
		};
	}

	private String pick(String... values) {
		return values[this.random.nextInt(values.length)];
	}

	private static KvServer open() {
		return KvServer.open(KvServerOptions.builder()
			.port(PortOptions.builder()
				.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
				.build())
			.build());
	}

	/** Waits for the end of a call. */
	private static final class End extends ClientCall.Listener<DynamicMessage> {

		private final CompletableFuture<Status> status = new CompletableFuture<>();

		@Override
		public void onClose(Status closed, Metadata trailers) {
			this.status.complete(closed);
		}

		Status await() {
			return this.status.join();
		}

	}

}
