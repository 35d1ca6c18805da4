package dev.kvserver.server.snapshot;

import java.util.List;
import java.util.StringJoiner;

/** What etcd's database holds as JSON. */
final class MemberJson {

	private MemberJson() {
	}

	/** A member as it is stored. */
	static String member(SnapshotMember member) {
		return "{\"id\":" + Long.toUnsignedString(member.id()) + ",\"peerURLs\":" + strings(member.peerUrls())
				+ ",\"name\":" + string(member.name()) + ",\"clientURLs\":" + strings(member.clientUrls()) + "}";
	}

	/** Who votes: the only member. */
	static String confState(SnapshotMember member) {
		return "{\"voters\":[" + Long.toUnsignedString(member.id()) + "],\"auto_leave\":false}";
	}

	private static String strings(List<String> values) {
		StringJoiner json = new StringJoiner(",", "[", "]");
		for (int i = 0; i < values.size(); i++) {
			json.add(string(values.get(i)));
		}
		return json.toString();
	}

	private static String string(String value) {
		StringBuilder json = new StringBuilder("\"");
		for (int i = 0; i < value.length(); i++) {
			char c = value.charAt(i);
			if (c < ' ') {
				json.append("\\u%04x".formatted((int) c));
			}
			else {
				json.append((c == '"' || c == '\\') ? "\\" : "").append(c);
			}
		}
		return json.append('"').toString();
	}

}
