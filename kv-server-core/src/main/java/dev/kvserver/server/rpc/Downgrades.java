package dev.kvserver.server.rpc;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.kvserver.proto.etcdserverpb.DowngradeRequest;
import dev.kvserver.proto.etcdserverpb.DowngradeResponse;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import dev.kvserver.proto.membershippb.DowngradeInfoSetRequest;
import dev.kvserver.server.apply.Membership;
import dev.kvserver.server.error.EtcdError;
import dev.kvserver.server.error.EtcdException;
import dev.kvserver.server.log.Completion;
import dev.kvserver.server.log.Proposer;

/**
 * Plans a downgrade by one minor version (etcd-contract section 2.12). That the plan is
 * kept and shown is all there is to it: what is stored does not depend on the version.
 */
final class Downgrades {

	/** A semantic version whose patch may be missing, as etcd reads them. */
	private static final Pattern VERSION = Pattern
		.compile("(\\d{1,18})\\.(\\d{1,18})" + "(?:\\.\\d{1,18}(?:-[0-9A-Za-z.-]*)?(?:\\+[0-9A-Za-z.-]*)?)?");

	private final long major;

	private final long minor;

	private final Membership membership;

	private final Proposer proposer;

	private final ResponseHeaders headers;

	Downgrades(String version, Membership membership, Proposer proposer, ResponseHeaders headers) {
		Matcher parts = VERSION.matcher(version);
		if (!parts.matches()) {
			throw new IllegalArgumentException("version: " + version + " (expected: major.minor.patch)");
		}
		this.major = Long.parseLong(parts.group(1));
		this.minor = Long.parseLong(parts.group(2));
		this.membership = membership;
		this.proposer = proposer;
		this.headers = headers;
	}

	void handle(DowngradeRequest request, Completion answer) {
		try {
			switch (request.getAction()) {
				case VALIDATE -> {
					target(request.getVersion());
					answer.done(response());
				}
				case ENABLE ->
					propose(DowngradeInfoSetRequest.newBuilder().setEnabled(true).setVer(target(request.getVersion())),
							answer);
				case CANCEL -> propose(DowngradeInfoSetRequest.newBuilder(), answer);
				case UNRECOGNIZED -> throw EtcdError.UNKNOWN_METHOD.exception();
			}
		}
		catch (EtcdException ex) {
			answer.failed(ex);
		}
	}

	/** The version to go to, checked. */
	private String target(String version) {
		Matcher parts = VERSION.matcher(version);
		if (!parts.matches()) {
			throw EtcdError.WRONG_DOWNGRADE_VERSION_FORMAT.exception();
		}
		if (Long.parseLong(parts.group(1)) != this.major || Long.parseLong(parts.group(2)) != this.minor - 1) {
			throw EtcdError.INVALID_DOWNGRADE_TARGET_VERSION.exception();
		}
		if (this.membership.downgrade().getEnabled()) {
			throw EtcdError.DOWNGRADE_IN_PROCESS.exception();
		}
		return this.major + "." + (this.minor - 1) + ".0";
	}

	private void propose(DowngradeInfoSetRequest.Builder plan, Completion answer) {
		this.proposer.propose(InternalRaftRequest.newBuilder().setDowngradeInfoSet(plan).build(),
				Answer.instead(this::response, answer));
	}

	private DowngradeResponse response() {
		return DowngradeResponse.newBuilder()
			.setHeader(this.headers.current())
			.setVersion(this.major + "." + this.minor)
			.build();
	}

}
