package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.storage.StorageException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to do when the data directory cannot be used. The server's own message knows
 * what is wrong with which file; it does not know which property leads there.
 */
class StorageFailureAnalyzer extends AbstractFailureAnalyzer<StorageException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, StorageException cause) {
		return new FailureAnalysis("The KV server cannot use its data: " + cause.getMessage(),
				"Put the directory right, or set 'kv.server.store.data-dir' (and 'kv.server.store.wal-dir', if it is "
						+ "set) to another one. A directory must be readable and writable and serves one server "
						+ "at a time. With 'kv.server.store.type=memory' none is needed.",
				cause);
	}

}
