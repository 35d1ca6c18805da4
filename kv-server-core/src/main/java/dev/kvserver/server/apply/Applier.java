package dev.kvserver.server.apply;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.InternalRaftRequest;
import org.jspecify.annotations.Nullable;

/**
 * Carries out one committed request. Appliers form a chain: each asks its own question
 * (is there space? is it permitted?) and hands the request on to the next.
 */
interface Applier {

	/**
	 * Carries a request out. Apply thread only.
	 * @param request the request
	 * @param waiting told when a physical compaction has finished; {@code null} when
	 * nobody waits
	 * @return the answer with the revision in its header, or {@code null} if it comes
	 * through {@code waiting}
	 * @throws dev.kvserver.server.error.EtcdException what the client gets; nothing has
	 * changed then
	 */
	Message.@Nullable Builder apply(InternalRaftRequest request, @Nullable PhysicalCompaction waiting);

	/** Takes the late answer of a compaction whose caller waits for the removal. */
	@FunctionalInterface
	interface PhysicalCompaction {

		void finished(Message.Builder response);

	}

}
