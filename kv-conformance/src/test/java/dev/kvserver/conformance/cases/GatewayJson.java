package dev.kvserver.conformance.cases;

import java.util.Set;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;

/** JSON of the gateway, without what each server has of its own. */
final class GatewayJson {

	/** Fields that are another server's own. */
	private static final Set<String> OWN = Set.of("cluster_id", "member_id", "raft_term", "leader", "dbSize",
			"dbSizeInUse", "raftIndex", "raftAppliedIndex", "raftTerm", "token", "hash", "memberID");

	private GatewayJson() {
	}

	/** A line of an answer; what is no JSON stays as it is. */
	static JsonElement of(String line) {
		return line.startsWith("{") ? normal(JsonParser.parseString(line)) : new JsonPrimitive(line);
	}

	private static JsonElement normal(JsonElement element) {
		if (element instanceof JsonObject object) {
			JsonObject normal = new JsonObject();
			object.asMap()
				.forEach((name, value) -> normal.add(name,
						OWN.contains(name) ? new JsonPrimitive("own") : normal(value)));
			return normal;
		}
		if (element instanceof JsonArray array) {
			JsonArray normal = new JsonArray();
			array.forEach((item) -> normal.add(normal(item)));
			return normal;
		}
		return element;
	}

}
