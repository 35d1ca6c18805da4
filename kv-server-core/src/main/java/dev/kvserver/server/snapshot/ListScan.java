package dev.kvserver.server.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.SortedMap;

import dev.kvserver.server.storage.Storage;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/** A walk over a few entries that are not in the store. */
final class ListScan implements Storage.Scan {

	private final Iterator<Map.Entry<String, byte[]>> entries;

	private Map.@Nullable Entry<String, byte[]> current;

	ListScan(SortedMap<String, byte[]> entries) {
		this.entries = entries.entrySet().iterator();
	}

	@Override
	public boolean next() {
		this.current = this.entries.hasNext() ? this.entries.next() : null;
		return this.current != null;
	}

	@Override
	public byte[] key() {
		return requireNonNull(this.current).getKey().getBytes(StandardCharsets.US_ASCII);
	}

	@Override
	public byte[] value() {
		return requireNonNull(this.current).getValue();
	}

	@Override
	public void close() {
		// Nothing is held.
	}

}
