package dev.kvserver.spring.boot.autoconfigure;

import dev.kvserver.server.storage.RestoreException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says what to do when data cannot be restored.
 */
class RestoreFailureAnalyzer extends AbstractFailureAnalyzer<RestoreException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, RestoreException cause) {
		return new FailureAnalysis("The KV server cannot restore its data: " + cause.getMessage() + ".",
				"Set 'kv.server.store.restore-from' to a snapshot made by 'etcdctl snapshot save', or to the file "
						+ "'member/snap/db' of an etcd that does not run, and 'kv.server.store.data-dir' (and "
						+ "'kv.server.store.wal-dir', if it is set) to an empty directory. Once the data has been "
						+ "restored, take 'kv.server.store.restore-from' away.",
				cause);
	}

}
