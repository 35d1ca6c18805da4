package dev.kvserver.conformance.cases;

import java.util.List;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.cases.Recorder.Answer;
import dev.kvserver.conformance.differential.Differences;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.ServerUnderTest;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;

/**
 * The reference and the candidate, for the cases of one class.
 */
final class BothServers implements AutoCloseable {

	private final ServerUnderTest reference = EtcdProcess.startFast(EtcdBinary.reference(), Candidates.progressFlag());

	private final ServerUnderTest candidate = Candidates.startNotifying();

	private final Connection left = new Connection(this.reference.port());

	private final Connection right = new Connection(this.candidate.port());

	/**
	 * Plays a case on both and compares the answers.
	 * @return the answers of the reference
	 */
	List<Answer> play(Consumer<Recorder> scenario) {
		level();
		try (Recorder leftRecorder = new Recorder(this.left); Recorder rightRecorder = new Recorder(this.right)) {
			play("reference", scenario, leftRecorder);
			play("candidate", scenario, rightRecorder);
			compare(leftRecorder.answers(), rightRecorder.answers());
			return leftRecorder.answers();
		}
	}

	@Override
	public void close() {
		this.left.close();
		this.right.close();
		this.reference.close();
		this.candidate.close();
	}

	private static void play(String side, Consumer<Recorder> scenario, Recorder recorder) {
		try {
			scenario.accept(recorder);
		}
		catch (AssertionError ex) {
			throw new AssertionError("On the " + side + ": " + ex.getMessage(), ex);
		}
	}

	private static void compare(List<Answer> left, List<Answer> right) {
		for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
			List<String> differences = Differences.between(left.get(i).call(), left.get(i).outcome(),
					right.get(i).outcome());
			if (!differences.isEmpty()) {
				throw new AssertionError(left.get(i).what() + "\n  " + String.join("\n  ", differences)
						+ "\nreference: " + left.get(i).outcome() + "\ncandidate: " + right.get(i).outcome());
			}
		}
		if (left.size() != right.size()) {
			throw new AssertionError("The case has asked " + left.size() + " | " + right.size() + " times");
		}
	}

	/** Brings both to the same revision, if the last case has failed on one of them. */
	private void level() {
		long leftRevision = revision(this.left);
		long rightRevision = revision(this.right);
		Connection behind = (leftRevision < rightRevision) ? this.left : this.right;
		for (long i = Math.abs(leftRevision - rightRevision); i > 0; i--) {
			behind.run(Call.of(KVGrpc.getPutMethod(),
					PutRequest.newBuilder().setKey(ByteString.copyFromUtf8("level")).build()));
		}
	}

	private static long revision(Connection connection) {
		RangeRequest request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("level")).build();
		return ((RangeResponse) connection.run(Call.of(KVGrpc.getRangeMethod(), request)).message()).getHeader()
			.getRevision();
	}

}
