package dev.kvserver.conformance.differential;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every field in which two correct servers may differ, and why. A field that is not here
 * has to be equal.
 */
enum Tolerance {

	CLUSTER_ID("etcdserverpb.ResponseHeader.cluster_id", Rule.PRESENCE, "the servers are two clusters"),

	MEMBER_ID("etcdserverpb.ResponseHeader.member_id", Rule.PRESENCE, "the servers are two members"),

	RAFT_TERM("etcdserverpb.ResponseHeader.raft_term", Rule.PRESENCE, "an election may need several terms"),

	REMAINING_TTL("etcdserverpb.LeaseTimeToLiveResponse.TTL", Rule.REMAINING_SECONDS, "read off a clock"),

	LEASE_KEYS("etcdserverpb.LeaseTimeToLiveResponse.keys", Rule.ORDER, "etcd walks a hash map"),

	ALARMS("etcdserverpb.AlarmResponse.alarms", Rule.ORDER, "etcd walks a hash map"),

	STATUS_ERRORS("etcdserverpb.StatusResponse.errors", Rule.ORDER, "etcd walks a hash map"),

	HASH("etcdserverpb.HashResponse.hash", Rule.PRESENCE, "it covers the ids and addresses of members"),

	TOKEN("etcdserverpb.AuthenticateResponse.token", Rule.PRESENCE, "chosen at random"),

	STATUS_VERSION("etcdserverpb.StatusResponse.version", Rule.PRESENCE, "the reference may be a newer patch"),

	STATUS_DB_SIZE("etcdserverpb.StatusResponse.dbSize", Rule.PRESENCE, "another storage engine"),

	STATUS_DB_SIZE_IN_USE("etcdserverpb.StatusResponse.dbSizeInUse", Rule.PRESENCE, "another storage engine"),

	STATUS_LEADER("etcdserverpb.StatusResponse.leader", Rule.PRESENCE, "the servers are two members"),

	STATUS_RAFT_INDEX("etcdserverpb.StatusResponse.raftIndex", Rule.PRESENCE, "etcd logs its membership too"),

	STATUS_RAFT_TERM("etcdserverpb.StatusResponse.raftTerm", Rule.PRESENCE, "an election may need several terms"),

	STATUS_APPLIED_INDEX("etcdserverpb.StatusResponse.raftAppliedIndex", Rule.PRESENCE, "etcd logs its membership too"),

	MEMBER_OWN_ID("etcdserverpb.Member.ID", Rule.PRESENCE, "the servers are two members"),

	MEMBER_NAME("etcdserverpb.Member.name", Rule.PRESENCE, "a matter of configuration"),

	MEMBER_PEER_URLS("etcdserverpb.Member.peerURLs", Rule.PRESENCE, "the servers have two ports"),

	MEMBER_CLIENT_URLS("etcdserverpb.Member.clientURLs", Rule.PRESENCE, "the servers have two ports");

	private static final Map<String, Tolerance> BY_FIELD = Arrays.stream(values())
		.collect(Collectors.toMap((tolerance) -> tolerance.field, Function.identity()));

	private final String field;

	private final Rule rule;

	private final String reason;

	Tolerance(String field, Rule rule, String reason) {
		this.field = field;
		this.rule = rule;
		this.reason = reason;
	}

	/** What of a field is compared. */
	static Rule ruleOf(String fullFieldName) {
		Tolerance tolerance = BY_FIELD.get(fullFieldName);
		return (tolerance != null) ? tolerance.rule : Rule.VALUE;
	}

	@Override
	public String toString() {
		return this.field + " (" + this.reason + ")";
	}

	/** What of a field is compared. */
	enum Rule {

		/** Everything. */
		VALUE,

		/** Whether it is set, and of a list whether it is empty. */
		PRESENCE,

		/** The elements of a list, not their order. */
		ORDER,

		/** The seconds left, up to the time that a run takes. */
		REMAINING_SECONDS

	}

}
