package dev.kvserver.spring.boot.test;

import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.KvStore;
import org.jspecify.annotations.Nullable;

import org.springframework.core.env.Environment;

/**
 * What a test wants to do with the server of its context, besides what it tests. Keys and
 * values are text. All methods block, at most ten seconds.
 */
public final class TestKv {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	/** As key and as end of a range: every key. */
	private static final ByteString ALL = ByteString.copyFrom(new byte[1]);

	private final KvStore store;

	private final Environment environment;

	TestKv(KvStore store, Environment environment) {
		this.store = store;
		this.environment = environment;
	}

	/**
	 * Where the server is, for a client of etcd.
	 * @return a URL with the port that was picked
	 * @throws IllegalStateException if the context has not been started
	 */
	public String endpoint() {
		return "http://127.0.0.1:" + this.environment.getRequiredProperty("local.kv.server.port");
	}

	/**
	 * Deletes every key. Revisions go on, leases stay, and watches see the deletions.
	 */
	public void reset() {
		DeleteRangeRequest request = DeleteRangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).build();
		this.store.deleteRange(request).orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
	}

	/**
	 * Sets a key.
	 * @param key the key, not empty
	 * @param value its new value
	 * @return the revision of the change
	 */
	public long put(String key, String value) {
		return this.store.put(key, ByteString.copyFromUtf8(value), TIMEOUT);
	}

	/**
	 * Reads a key.
	 * @param key the key, not empty
	 * @return its value, or {@code null} if there is no such key
	 */
	public @Nullable String get(String key) {
		ByteString value = this.store.get(key, TIMEOUT);
		return (value != null) ? value.toStringUtf8() : null;
	}

	/**
	 * Reads everything.
	 * @return all keys with their values, a copy
	 */
	public SortedMap<String, String> dump() {
		RangeRequest request = RangeRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).build();
		RangeResponse response = this.store.range(request).orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
		SortedMap<String, String> dump = new TreeMap<>();
		for (KeyValue kv : response.getKvsList()) {
			dump.put(kv.getKey().toStringUtf8(), kv.getValue().toStringUtf8());
		}
		return dump;
	}

}
