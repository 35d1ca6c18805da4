package dev.kvserver.conformance.clients;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.ServerUnderTest;

import static org.assertj.core.api.Assertions.assertThat;

/** Cases that etcdctl plays on both servers, whose transcripts must be equal. */
abstract class EtcdctlCases extends SampleAppBesideEtcd {

	static Stream<EtcdBinary> binaries() {
		return Stream.concat(Stream.of(EtcdBinary.etcdctl()), EtcdBinary.newestEtcdctl().stream());
	}

	/** Plays a case and returns the transcript. */
	final List<String> play(EtcdBinary binary, Consumer<Etcdctl> commands) {
		return play(binary, reference(), candidate(), commands);
	}

	/** Plays a case on two servers and returns the transcript. */
	static List<String> play(EtcdBinary binary, ServerUnderTest reference, ServerUnderTest candidate,
			Consumer<Etcdctl> commands) {
		Etcdctl left = new Etcdctl(binary, reference.port());
		commands.accept(left);
		Etcdctl right = new Etcdctl(binary, candidate.port());
		commands.accept(right);
		for (int i = 0; i < left.transcript().size(); i++) {
			List<String> context = left.transcript().subList(Math.max(0, i - 3), i);
			assertThat(right.transcript().get(i)).as(String.join("\n", context)).isEqualTo(left.transcript().get(i));
		}
		assertThat(right.transcript()).hasSameSizeAs(left.transcript());
		return left.transcript();
	}

}
