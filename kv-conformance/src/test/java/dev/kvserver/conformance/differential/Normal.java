package dev.kvserver.conformance.differential;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.kvserver.conformance.grpc.Texts;
import dev.kvserver.proto.etcdserverpb.LeaseTimeToLiveResponse;

/**
 * Brings a message into the form in which two servers' answers have to be equal.
 */
final class Normal {

	/** Longer than any run takes. */
	private static final long RUN_SECONDS_MAX = 900;

	private Normal() {
	}

	/** The message without what the {@link Tolerance tolerances} allow to differ. */
	static Message of(Message message) {
		Message.Builder builder = message.toBuilder();
		for (Map.Entry<FieldDescriptor, Object> field : message.getAllFields().entrySet()) {
			builder.setField(field.getKey(), value(message, field.getKey(), field.getValue()));
		}
		return builder.build();
	}

	private static Object value(Message message, FieldDescriptor field, Object value) {
		return switch (Tolerance.ruleOf(field.getFullName())) {
			case VALUE -> nested(field, value);
			case PRESENCE -> presence(field, value);
			case ORDER -> sorted((List<?>) value);
			case REMAINING_SECONDS -> remaining((LeaseTimeToLiveResponse) message);
		};
	}

	private static Object nested(FieldDescriptor field, Object value) {
		if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
			return value;
		}
		if (!field.isRepeated()) {
			return of((Message) value);
		}
		List<Message> messages = new ArrayList<>();
		for (Object element : (List<?>) value) {
			messages.add(of((Message) element));
		}
		return messages;
	}

	/** A field is only here when it is set, so that any fixed value tells that. */
	private static Object presence(FieldDescriptor field, Object value) {
		if (field.isRepeated()) {
			return List.of("set");
		}
		return switch (field.getJavaType()) {
			case LONG -> 1L;
			case INT -> 1;
			case STRING -> "set";
			default -> value;
		};
	}

	private static List<?> sorted(List<?> values) {
		List<Object> sorted = new ArrayList<>(values);
		sorted.replaceAll((value) -> (value instanceof String text) ? Texts.oneSpace(text) : value);
		sorted.sort(Comparator.comparing(Normal::bytes, ByteString.unsignedLexicographicalComparator()));
		return sorted;
	}

	private static ByteString bytes(Object value) {
		if (value instanceof Message message) {
			return message.toByteString();
		}
		return (value instanceof String text) ? ByteString.copyFromUtf8(text) : (ByteString) value;
	}

	private static long remaining(LeaseTimeToLiveResponse lease) {
		long elapsed = lease.getGrantedTTL() - lease.getTTL();
		return (elapsed >= 0 && elapsed <= RUN_SECONDS_MAX) ? lease.getGrantedTTL() : lease.getTTL();
	}

}
