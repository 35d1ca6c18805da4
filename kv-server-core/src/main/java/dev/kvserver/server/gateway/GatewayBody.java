package dev.kvserver.server.gateway;

import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the JSON of a request's body. */
final class GatewayBody {

	private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

	private static final Logger logger = LoggerFactory.getLogger(GatewayBody.class);

	private final ByteString body;

	GatewayBody(ByteString body) {
		this.body = body;
	}

	/** The first message; nothing at all is an empty one. */
	<Q> Q first(Reader<Q> reader) {
		try {
			JsonReader json = json();
			if (isAtEnd(json)) {
				return reader.read((builder) -> {
				});
			}
			return reader.read(merge(JsonParser.parseReader(json)));
		}
		catch (IOException | JsonParseException ex) {
			throw unreadable(ex);
		}
	}

	/**
	 * All messages, up to the first that cannot be read: for etcd the stream ends there.
	 */
	<Q> List<Q> all(Reader<Q> reader) {
		List<Q> messages = new ArrayList<>();
		try {
			JsonReader json = json();
			while (!isAtEnd(json)) {
				messages.add(reader.read(merge(JsonParser.parseReader(json))));
			}
		}
		catch (IOException | JsonParseException ex) {
			logger.debug("A stream of requests ends with what cannot be read", ex);
		}
		return messages;
	}

	private JsonReader json() throws IOException {
		if (!this.body.isValidUtf8()) {
			throw new MalformedJsonException("invalid UTF-8");
		}
		JsonReader json = new JsonReader(new StringReader(this.body.toStringUtf8()));
		json.setStrictness(Strictness.STRICT);
		return json;
	}

	/** Between two messages the reader must not insist that there be only one. */
	private static boolean isAtEnd(JsonReader json) throws IOException {
		json.setStrictness(Strictness.LENIENT);
		try {
			return json.peek() == JsonToken.END_DOCUMENT;
		}
		catch (EOFException ex) {
			return true;
		}
		finally {
			json.setStrictness(Strictness.STRICT);
		}
	}

	private static Merge merge(JsonElement json) {
		return (builder) -> {
			if (!json.isJsonNull()) {
				PARSER.merge(json.toString(), builder);
			}
		};
	}

	private static RuntimeException unreadable(Exception cause) {
		String why = (cause instanceof InvalidProtocolBufferException) ? String.valueOf(cause.getMessage())
				: "the body is not JSON";
		return Status.INVALID_ARGUMENT.withDescription(why).withCause(cause).asRuntimeException();
	}

	/** Makes a request of what is merged into its builder. */
	interface Reader<Q> {

		Q read(Merge merge) throws IOException;

	}

	/** Merges JSON into a message. */
	interface Merge {

		void into(Message.Builder builder) throws InvalidProtocolBufferException;

	}

}
