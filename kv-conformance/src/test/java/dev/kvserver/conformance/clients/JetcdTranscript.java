package dev.kvserver.conformance.clients;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.kvserver.conformance.grpc.Texts;

/** What jetcd was answered, without what differs from server to server. */
final class JetcdTranscript {

	private final List<String> entries = new ArrayList<>();

	private final List<String> hidden = new ArrayList<>();

	/** Lets a text be of no interest. */
	void hide(String text) {
		this.hidden.add(text);
	}

	/** Keeps an answer or a failure; blocks until there is one. */
	void keep(CompletableFuture<?> answer) {
		keep(answer.handle((value, failure) -> (failure != null) ? failure : value).join());
	}

	void keep(Object answer) {
		String text = Texts.oneSpace(answer.toString());
		for (String one : this.hidden) {
			text = text.replace(one, "HIDDEN");
		}
		this.entries.add(text
			.replaceAll("(cluster_id|member_id|raft_term|raftIndex|raftAppliedIndex|raftTerm"
					+ "|leader|dbSize|dbSizeInUse|ID|hash): \\d+", "$1: NUMBER")
			.replaceAll("(name|peerURLs|clientURLs): \"[^\"]+\"", "$1: \"TEXT\"")
			.replaceAll("version: \"3\\.7\\.\\d+\"", "version: \"3.7.PATCH\""));
	}

	/** Keeps what comes next; blocks until it comes. */
	void keepNext(BlockingQueue<Object> queue) {
		try {
			Object next = queue.poll(30, TimeUnit.SECONDS);
			if (next == null) {
				throw new AssertionError("Nothing comes");
			}
			keep(next);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	List<String> entries() {
		return this.entries;
	}

}
