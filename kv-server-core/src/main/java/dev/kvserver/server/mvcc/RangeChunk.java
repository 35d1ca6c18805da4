package dev.kvserver.server.mvcc;

import java.util.function.LongSupplier;

import dev.kvserver.proto.etcdserverpb.RangeResponse;

/**
 * A part of a long range.
 *
 * @param response its keys and whether more follow; neither header nor count
 * @param behind counts the keys of the range that follow this part
 */
public record RangeChunk(RangeResponse.Builder response, LongSupplier behind) {

	/**
	 * The number of keys that follow; counting at an earlier revision visits each.
	 * @return the number of keys
	 */
	public long countBehind() {
		return this.response.getMore() ? this.behind.getAsLong() : 0;
	}

}
