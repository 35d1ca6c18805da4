package dev.kvserver.server.log;

import com.google.protobuf.Message;

/**
 * What becomes of a proposal. Exactly one of the two methods is called, once, on the
 * apply thread (or on the proposing thread when the proposal is refused at once); it must
 * not block.
 */
public interface Completion {

	/**
	 * The request was applied, is durable, and can be read.
	 * @param response the complete answer, header included
	 */
	void done(Message response);

	/**
	 * The request was refused or its fate is unknown.
	 * @param failure an {@code EtcdException} where the client gets etcd's error;
	 * anything else is a failure of ours
	 */
	void failed(Throwable failure);

}
