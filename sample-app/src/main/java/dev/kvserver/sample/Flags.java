package dev.kvserver.sample;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.server.KvStore;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Component;

/**
 * The flags in the embedded store. There is no network between it and us, and what it
 * holds is what every client of port 2379 sees.
 */
@Component
class Flags {

	static final String PREFIX = "flags/";

	/** The first key that does not begin with the prefix: '0' comes after '/'. */
	private static final String PREFIX_END = "flags0";

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private final KvStore store;

	Flags(KvStore store) {
		this.store = store;
	}

	/** All flags in the order of their names, as they were at one revision. */
	CompletableFuture<List<Flag>> list() {
		RangeRequest request = RangeRequest.newBuilder()
			.setKey(ByteString.copyFromUtf8(PREFIX))
			.setRangeEnd(ByteString.copyFromUtf8(PREFIX_END))
			.build();
		return range(request);
	}

	/** One flag, or none if there is no such flag. */
	CompletableFuture<@Nullable Flag> find(String name) {
		RangeRequest request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(PREFIX + name)).build();
		return range(request).thenApply((flags) -> flags.isEmpty() ? null : flags.get(0));
	}

	/**
	 * Sets a flag.
	 * @return the revision of the change
	 */
	long set(String name, String value) {
		return this.store.put(PREFIX + name, ByteString.copyFromUtf8(value), TIMEOUT);
	}

	/**
	 * Deletes a flag.
	 * @return whether it was there
	 */
	boolean delete(String name) {
		return this.store.delete(PREFIX + name, TIMEOUT);
	}

	private CompletableFuture<List<Flag>> range(RangeRequest request) {
		return this.store.range(request)
			.orTimeout(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
			.thenApply((response) -> response.getKvsList().stream().map(Flag::of).toList());
	}

}
