package dev.kvserver.server.gateway;

import java.io.IOException;
import java.io.StringReader;
import java.util.concurrent.Executor;

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
import dev.kvserver.server.http.HttpBody;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests in a body, read as they are wanted: one, whatever follows it, or as many
 * as there are if the method takes a stream. One thread at a time.
 */
final class GatewayRequests {

	private static final JsonFormat.Parser PARSER = JsonFormat.parser().ignoringUnknownFields();

	private static final Logger logger = LoggerFactory.getLogger(GatewayRequests.class);

	private final HttpBody body;

	private final Message prototype;

	private final JsonCutter cutter;

	private final boolean many;

	private boolean reading;

	/** Nothing more is read of the body. */
	private boolean ended;

	private boolean tooLarge;

	/**
	 * Reads nothing yet.
	 * @param body the body
	 * @param prototype an empty request
	 * @param maxBytes the largest request, as JSON
	 * @param many whether there may be more than one
	 */
	GatewayRequests(HttpBody body, Message prototype, int maxBytes, boolean many) {
		this.body = body;
		this.prototype = prototype;
		this.cutter = new JsonCutter(maxBytes);
		this.many = many;
	}

	/** Whether there may be more than one request. */
	boolean areMany() {
		return this.many;
	}

	/** Whether no request will come any more. */
	boolean isOver() {
		return this.ended && !this.cutter.hasValue();
	}

	/** Whether the only request can be read. */
	boolean hasOne() {
		return this.ended || this.cutter.hasValue();
	}

	/** Whether a request is larger than any may be. */
	boolean isTooLarge() {
		return this.tooLarge;
	}

	/**
	 * Reads a piece of the body, unless it is being read or has ended.
	 * @param turns runs what comes after it
	 * @param then what comes after it
	 */
	void read(Executor turns, Runnable then) {
		if (this.reading || this.ended) {
			return;
		}
		this.reading = true;
		this.body.read((piece, last) -> turns.execute(() -> {
			this.reading = false;
			this.tooLarge = !this.cutter.add(piece, last);
			this.ended = last || this.tooLarge;
			then.run();
		}));
	}

	/**
	 * The only request; nothing at all is an empty one.
	 * @throws StatusRuntimeException if it cannot be read
	 */
	Message one() {
		this.ended = true;
		try {
			ByteString value = this.cutter.poll();
			this.cutter.clear();
			return (value != null) ? parse(value) : this.prototype;
		}
		catch (IOException | JsonParseException ex) {
			throw unreadable(ex);
		}
	}

	/**
	 * The next request of a stream. For etcd the stream ends where it cannot be read.
	 * @return the request, or {@code null} if there is none for now
	 */
	@Nullable Message next() {
		ByteString value = this.cutter.poll();
		if (value == null) {
			return null;
		}
		try {
			return parse(value);
		}
		catch (IOException | JsonParseException ex) {
			logger.debug("A stream of requests ends with what cannot be read", ex);
			this.ended = true;
			this.cutter.clear();
			return null;
		}
	}

	private Message parse(ByteString value) throws IOException {
		if (!value.isValidUtf8()) {
			throw new MalformedJsonException("invalid UTF-8");
		}
		JsonReader reader = new JsonReader(new StringReader(value.toStringUtf8()));
		reader.setStrictness(Strictness.STRICT);
		JsonElement json = JsonParser.parseReader(reader);
		if (reader.peek() != JsonToken.END_DOCUMENT) {
			throw new MalformedJsonException("more than one value");
		}
		if (json.isJsonNull()) {
			return this.prototype;
		}
		Message.Builder builder = this.prototype.newBuilderForType();
		PARSER.merge(json.toString(), builder);
		return builder.build();
	}

	private static StatusRuntimeException unreadable(Exception cause) {
		String why = (cause instanceof InvalidProtocolBufferException) ? String.valueOf(cause.getMessage())
				: "the body is not JSON";
		return Status.INVALID_ARGUMENT.withDescription(why).withCause(cause).asRuntimeException();
	}

}
