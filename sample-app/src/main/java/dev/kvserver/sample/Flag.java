package dev.kvserver.sample;

import dev.kvserver.proto.mvccpb.KeyValue;

/**
 * A feature flag as the web shows it.
 *
 * @param name the name, which is the key without {@link Flags#PREFIX}
 * @param value the value, any text
 * @param revision the store's revision when the flag was last changed
 */
record Flag(String name, String value, long revision) {

	static Flag of(KeyValue kv) {
		String name = kv.getKey().toStringUtf8().substring(Flags.PREFIX.length());
		return new Flag(name, kv.getValue().toStringUtf8(), kv.getModRevision());
	}

}
