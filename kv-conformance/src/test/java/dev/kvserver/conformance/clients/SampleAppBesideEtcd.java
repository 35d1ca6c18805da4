package dev.kvserver.conformance.clients;

import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.ServerUnderTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A real etcd and the sample application, for all cases of one class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SampleAppBesideEtcd {

	private final ServerUnderTest reference = EtcdProcess.startFast(EtcdBinary.reference());

	private final ServerUnderTest candidate = Candidates.sampleApp();

	@BeforeAll
	final void start() {
		this.candidate.start();
	}

	@AfterAll
	final void close() {
		this.reference.close();
		this.candidate.close();
	}

	final ServerUnderTest reference() {
		return this.reference;
	}

	final ServerUnderTest candidate() {
		return this.candidate;
	}

}
