package dev.kvserver.conformance.clients;

import java.util.ArrayList;
import java.util.List;

import dev.kvserver.conformance.process.Candidates;
import dev.kvserver.conformance.process.EtcdBinary;
import dev.kvserver.conformance.process.EtcdProcess;
import dev.kvserver.conformance.process.ServerUnderTest;

/** A real etcd and the sample application that speak TLS with the same certificates. */
final class TlsPair implements AutoCloseable {

	private final ServerUnderTest reference;

	private final ServerUnderTest candidate;

	private TlsPair(List<String> flags, List<String> arguments) {
		this.candidate = Candidates.sampleApp(flags, arguments);
		this.reference = EtcdProcess.startFast(EtcdBinary.reference(), flags.toArray(String[]::new));
		this.candidate.start();
	}

	/** Servers that let everybody in. */
	static TlsPair open(TlsFiles files) {
		return new TlsPair(flags(files), arguments(files));
	}

	/** Servers that let in only clients with a certificate of the authority. */
	static TlsPair requiringCertificates(TlsFiles files) {
		List<String> flags = new ArrayList<>(flags(files));
		flags.add("--client-cert-auth");
		flags.add("--trusted-ca-file=" + files.authority());
		List<String> arguments = new ArrayList<>(arguments(files));
		arguments.add("--spring.ssl.bundle.pem.kv.truststore.certificate=file:" + files.authority());
		arguments.add("--kv.server.tls.client-auth=require");
		return new TlsPair(flags, arguments);
	}

	private static List<String> flags(TlsFiles files) {
		return List.of("--cert-file=" + files.server().certificate(), "--key-file=" + files.server().key());
	}

	private static List<String> arguments(TlsFiles files) {
		String keys = "--spring.ssl.bundle.pem.kv.keystore.";
		return List.of(keys + "certificate=file:" + files.server().certificate(),
				keys + "private-key=file:" + files.server().key(), "--kv.server.tls.bundle=kv");
	}

	ServerUnderTest reference() {
		return this.reference;
	}

	ServerUnderTest candidate() {
		return this.candidate;
	}

	@Override
	public void close() {
		this.reference.close();
		this.candidate.close();
	}

}
