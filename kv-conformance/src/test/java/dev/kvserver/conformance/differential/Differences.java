package dev.kvserver.conformance.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Outcome;

/**
 * Tells how two answers differ, field by field.
 */
public final class Differences {

	private final List<String> found = new ArrayList<>();

	private Differences() {
	}

	/**
	 * The differences between two outcomes of a call.
	 * @param call what both were asked
	 * @param left one outcome
	 * @param right the other
	 * @return lines such as {@code header.revision: 5 | 6}; none if the outcomes are
	 * equal
	 */
	public static List<String> between(Call call, Outcome left, Outcome right) {
		Differences differences = new Differences();
		differences.compare("code", left.code(), right.code());
		differences.compare("text", left.text(), right.text());
		differences.compareAll("", resolved(call, left), resolved(call, right));
		return differences.found;
	}

	/** The differences between two lists of messages. */
	static List<String> between(List<? extends Message> left, List<? extends Message> right) {
		Differences differences = new Differences();
		differences.compareAll("", left, right);
		return differences.found;
	}

	private static List<Message> resolved(Call call, Outcome outcome) {
		return outcome.messages().stream().map((message) -> SortTies.resolved(call.request(), message)).toList();
	}

	private void compareAll(String path, List<?> left, List<?> right) {
		compare(path + "size", left.size(), right.size());
		for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
			Object leftElement = (i < left.size()) ? left.get(i) : "absent";
			Object rightElement = (i < right.size()) ? right.get(i) : "absent";
			compareValues(path + "[" + i + "]", leftElement, rightElement);
		}
	}

	private void compareValues(String path, Object left, Object right) {
		if (left instanceof Message leftMessage && right instanceof Message rightMessage) {
			compareMessages(path, Normal.of(leftMessage), Normal.of(rightMessage));
		}
		else if (left instanceof List<?> leftList && right instanceof List<?> rightList) {
			compareAll(path, leftList, rightList);
		}
		else {
			compare(path, left, right);
		}
	}

	private void compareMessages(String path, Message left, Message right) {
		if (left.equals(right)) {
			return;
		}
		int before = this.found.size();
		Set<FieldDescriptor> fields = new TreeSet<>(left.getAllFields().keySet());
		fields.addAll(right.getAllFields().keySet());
		for (FieldDescriptor field : fields) {
			String fieldPath = path + "." + field.getName();
			if (!field.isRepeated() && left.hasField(field) != right.hasField(field) && field.hasPresence()) {
				compare(fieldPath, left.hasField(field) ? "set" : "absent", right.hasField(field) ? "set" : "absent");
			}
			compareValues(fieldPath, left.getField(field), right.getField(field));
		}
		if (this.found.size() == before) {
			// Unknown fields, which no descriptor names.
			compare(path, left, right);
		}
	}

	private void compare(String path, Object left, Object right) {
		if (!left.equals(right)) {
			this.found.add(path + ": " + text(left) + " | " + text(right));
		}
	}

	private static String text(Object value) {
		return (value instanceof com.google.protobuf.ByteString bytes) ? "\"" + TextFormat.escapeBytes(bytes) + "\""
				: value.toString();
	}

}
