package dev.kvserver.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import dev.kvserver.server.port.PortOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.channelz.v1.ChannelzGrpc;
import io.grpc.channelz.v1.GetServersRequest;
import io.grpc.channelz.v1.GetTopChannelsRequest;
import io.grpc.channelz.v1.Server;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** gRPC's services that describe a server: both are options. */
class ServerDescriptionTests {

	@Test
	void neitherIsServedUnlessToldSo() {
		play(UnaryOperator.identity(), (channel) -> {
			assertThat(reflect(channel, ServerReflectionRequest.newBuilder().setListServices("").build()))
				.hasToString("UNIMPLEMENTED: unknown service grpc.reflection.v1.ServerReflection");
			assertThatThrownBy(
					() -> ChannelzGrpc.newBlockingStub(channel).getServers(GetServersRequest.getDefaultInstance()))
				.hasMessage("UNIMPLEMENTED: unknown service grpc.channelz.v1.Channelz");
		});
	}

	@Test
	void reflectionNamesServicesAndTheirFiles() {
		play((port) -> port.reflection(true), (channel) -> {
			Object listed = reflect(channel, ServerReflectionRequest.newBuilder().setListServices("").build());
			assertThat(((ServerReflectionResponse) listed).getListServicesResponse().getServiceList())
				.extracting(ServiceResponse::getName)
				.contains("etcdserverpb.KV", "etcdserverpb.Watch", "etcdserverpb.Lease", "etcdserverpb.Auth",
						"etcdserverpb.Cluster", "etcdserverpb.Maintenance", "v3electionpb.Election", "v3lockpb.Lock",
						"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection");
			Object file = reflect(channel,
					ServerReflectionRequest.newBuilder().setFileContainingSymbol("etcdserverpb.KV").build());
			assertThat(((ServerReflectionResponse) file).getFileDescriptorResponse().getFileDescriptorProtoList())
				.anySatisfy((bytes) -> assertThat(FileDescriptorProto.parseFrom(bytes).getServiceList())
					.anyMatch((service) -> service.getName().equals("KV")));
		});
	}

	@Test
	void channelzShowsTheServerAndItsCalls() {
		play((port) -> port.channelz(true), (channel) -> {
			ChannelzGrpc.ChannelzBlockingStub channelz = ChannelzGrpc.newBlockingStub(channel);
			channelz.getTopChannels(GetTopChannelsRequest.getDefaultInstance());
			List<Server> servers = channelz.getServers(GetServersRequest.getDefaultInstance()).getServerList();
			assertThat(servers)
				.anyMatch((server) -> server.getData().getCallsStarted() == 2 && server.getListenSocketCount() == 1);
		});
	}

	/** The answer, or the failure. */
	private static Object reflect(ManagedChannel channel, ServerReflectionRequest request) {
		BlockingQueue<Object> answers = new LinkedBlockingQueue<>();
		StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
			.serverReflectionInfo(new Answers(answers));
		requests.onNext(request);
		requests.onCompleted();
		try {
			Object answer = answers.poll(20, TimeUnit.SECONDS);
			assertThat(answer).as("an answer").isNotNull();
			return (answer instanceof RuntimeException failure) ? String.valueOf(failure.getMessage()) : answer;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static void play(UnaryOperator<PortOptions.Builder> changes, Scenario scenario) {
		PortOptions.Builder port = PortOptions.builder()
			.addresses(List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
		try (KvServer server = KvServer.open(KvServerOptions.builder().port(changes.apply(port).build()).build())) {
			server.listen();
			ManagedChannel channel = ManagedChannelBuilder.forAddress("127.0.0.1", server.port())
				.usePlaintext()
				.build();
			try {
				scenario.play(channel);
			}
			finally {
				channel.shutdownNow();
			}
		}
	}

	/** What is asked of a server. */
	private interface Scenario {

		void play(ManagedChannel channel);

	}

	private record Answers(BlockingQueue<Object> answers) implements StreamObserver<ServerReflectionResponse> {

		@Override
		public void onNext(ServerReflectionResponse response) {
			this.answers.add(response);
		}

		@Override
		public void onError(Throwable failure) {
			this.answers.add(failure);
		}

		@Override
		public void onCompleted() {
			// The answer has come before.
		}

	}

}
