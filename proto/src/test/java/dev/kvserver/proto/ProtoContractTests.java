package dev.kvserver.proto;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kvserver.proto.etcdserverpb.Member;
import dev.kvserver.proto.etcdserverpb.RpcProto;
import dev.kvserver.proto.v3electionpb.ElectionProto;
import dev.kvserver.proto.v3lockpb.LockProto;
import io.grpc.MethodDescriptor.MethodType;
import org.junit.jupiter.api.Test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Walks the generated descriptors and compares them with a table kept by hand: the names,
 * the streaming sides and the gateway routes that clients rely on.
 */
class ProtoContractTests {

	@Test
	void methodsAndRoutesAreThoseOfTheContract() throws IOException {
		assertThat(methods().map(ProtoContractTests::describe)).containsExactlyElementsOf(contract());
	}

	@Test
	void thereAre49MethodsAnd51Routes() {
		assertThat(methods()).hasSize(49);
		assertThat(methods().map(ProtoContractTests::routes).mapToInt(List::size).sum()).isEqualTo(51);
	}

	@Test
	void everyRouteTakesTheWholeRequestAsBody() {
		assertThat(methods().flatMap((method) -> rules(method).stream()).map(HttpRule::getBody)).hasSize(51)
			.containsOnly("*");
	}

	@Test
	void streamingSidesReachTheGrpcStubs() {
		assertThat(KVGrpc.getRangeMethod().getFullMethodName()).isEqualTo("etcdserverpb.KV/Range");
		assertThat(KVGrpc.getRangeMethod().getType()).isEqualTo(MethodType.UNARY);
		assertThat(KVGrpc.getRangeStreamMethod().getType()).isEqualTo(MethodType.SERVER_STREAMING);
	}

	@Test
	void fieldNamesKeepTheirCapitals() {
		assertThat(fieldNames(LeaseTimeToLiveResponse.getDescriptor())).containsExactly("header", "ID", "TTL",
				"grantedTTL", "keys");
		assertThat(fieldNames(Member.getDescriptor())).containsExactly("ID", "name", "peerURLs", "clientURLs",
				"isLearner");
	}

	@Test
	void ourExtensionsOfTheLogEntryLieAboveTheNumbersOfEtcd() {
		assertThat(InternalRaftRequest.LEASE_EXPIRE_FIELD_NUMBER).isEqualTo(20001);
		assertThat(InternalRaftRequest.MEMBER_UPDATE_FIELD_NUMBER).isEqualTo(20002);
		assertThat(InternalRaftRequest.getDescriptor().getFields()).filteredOn((field) -> field.getNumber() > 9900)
			.hasSize(2);
	}

	/** One line per method: name, request, response, routes. */
	private static List<String> contract() throws IOException {
		try (InputStream table = ProtoContractTests.class.getResourceAsStream("contract.txt")) {
			return new String(requireNonNull(table).readAllBytes(), UTF_8).lines().toList();
		}
	}

	private static Stream<MethodDescriptor> methods() {
		return Stream.of(RpcProto.getDescriptor(), ElectionProto.getDescriptor(), LockProto.getDescriptor())
			.map(FileDescriptor::getServices)
			.flatMap(List::stream)
			.map(ServiceDescriptor::getMethods)
			.flatMap(List::stream);
	}

	private static String describe(MethodDescriptor method) {
		return "%s/%s | %s | %s | %s"
			.formatted(method.getService().getFullName(), method.getName(),
					side(method.isClientStreaming(), method.getInputType()),
					side(method.isServerStreaming(), method.getOutputType()), String.join(" ", routes(method)))
			.stripTrailing();
	}

	private static String side(boolean streaming, Descriptor message) {
		return streaming ? "stream " + message.getName() : message.getName();
	}

	private static List<String> routes(MethodDescriptor method) {
		return rules(method).stream().map(HttpRule::getPost).toList();
	}

	/** All routes of a method, the primary one first. */
	private static List<HttpRule> rules(MethodDescriptor method) {
		List<HttpRule> rules = new ArrayList<>();
		if (method.getOptions().hasExtension(AnnotationsProto.http)) {
			HttpRule rule = method.getOptions().getExtension(AnnotationsProto.http);
			rules.add(rule);
			rules.addAll(rule.getAdditionalBindingsList());
		}
		return rules;
	}

	private static List<String> fieldNames(Descriptor message) {
		return message.getFields().stream().map((field) -> field.getName()).toList();
	}

}
