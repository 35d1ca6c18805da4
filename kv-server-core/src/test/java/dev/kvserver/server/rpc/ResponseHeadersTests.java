package dev.kvserver.server.rpc;

import java.util.concurrent.atomic.AtomicLong;

import dev.kvserver.proto.etcdserverpb.ResponseHeader;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Section 2.2 of etcd's contract. */
class ResponseHeadersTests {

	private final AtomicLong revision = new AtomicLong(1);

	private final AtomicLong term = new AtomicLong(2);

	private final ResponseHeaders headers = new ResponseHeaders(-5, 6, this.revision::get, this.term::get);

	@Test
	void currentHeaderFollowsRevisionAndTerm() {
		assertThat(this.headers.current()).isEqualTo(header(1, 2));
		assertThat(this.headers.current()).isSameAs(this.headers.current());
		this.revision.set(9);
		assertThat(this.headers.current()).isEqualTo(header(9, 2));
		this.term.set(3);
		assertThat(this.headers.current()).isEqualTo(header(9, 3));
	}

	@Test
	void revisionOfAPinnedAnswerIsKept() {
		this.revision.set(9);
		assertThat(this.headers.complete(ResponseHeader.newBuilder().setRevision(4)).build()).isEqualTo(header(4, 2));
	}

	private static ResponseHeader header(long revision, long term) {
		return ResponseHeader.newBuilder()
			.setClusterId(-5)
			.setMemberId(6)
			.setRevision(revision)
			.setRaftTerm(term)
			.build();
	}

}
