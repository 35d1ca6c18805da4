package dev.kvserver.benchmarks.load.workload;

/** What the API server of a Kubernetes cluster asks for, and how often. */
enum MixKind {

	/** A small object that is renewed all the time. */
	LEASE_UPDATE("lease-update", 70),
	/** A large object that changes. */
	POD_UPDATE("pod-update", 15),
	/** One object. */
	GET("get", 10),
	/** A page of objects. */
	LIST("list", 4),
	/** An object goes, or comes back. */
	DELETE("delete", 1);

	private final String series;

	private final int percent;

	MixKind(String series, int percent) {
		this.series = series;
		this.percent = percent;
	}

	String series() {
		return this.series;
	}

	/** The kind that a throw of a die with a hundred sides, from 0 on, stands for. */
	static MixKind of(int side) {
		int rest = side;
		for (MixKind kind : values()) {
			rest -= kind.percent;
			if (rest < 0) {
				return kind;
			}
		}
		throw new IllegalArgumentException("side: " + side + " (expected: below 100)");
	}

}
