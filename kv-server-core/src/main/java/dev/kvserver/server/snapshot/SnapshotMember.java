package dev.kvserver.server.snapshot;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whose database a snapshot is, which is part of it.
 *
 * @param id the member's id
 * @param name the member's name
 * @param peerUrls its peer URLs
 * @param clientUrls the URLs its clients are told
 * @param version the version it reports, as {@code major.minor.patch}
 */
public record SnapshotMember(long id, String name, List<String> peerUrls, List<String> clientUrls, String version) {

	private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\..*");

	/** etcd's database tells its version since 3.6. */
	private static final int STORAGE_VERSION_SINCE_MINOR = 6;

	/**
	 * Copies the lists.
	 */
	public SnapshotMember {
		peerUrls = List.copyOf(peerUrls);
		clientUrls = List.copyOf(clientUrls);
	}

	/**
	 * The version of the cluster: the reported one without its patch level.
	 * @return for example {@code 3.7.0}
	 */
	public String clusterVersion() {
		Matcher parts = VERSION.matcher(this.version);
		return parts.matches() ? parts.group(1) + "." + parts.group(2) + ".0" : this.version;
	}

	/**
	 * The version of the database's format.
	 * @return for example {@code 3.7.0}; empty before 3.6, which had none
	 */
	public String storageVersion() {
		Matcher parts = VERSION.matcher(this.version);
		boolean told = parts.matches() && (Integer.parseInt(parts.group(1)) > 3
				|| Integer.parseInt(parts.group(2)) >= STORAGE_VERSION_SINCE_MINOR);
		return told ? clusterVersion() : "";
	}

}
