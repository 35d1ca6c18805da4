package dev.kvserver.benchmarks.load.workload;

import java.util.Arrays;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TallyTests {

	private final Tally tally = new Tally();

	@Test
	void eachRevisionOnceIsRight() {
		wrote(13, 11, 12);
		this.tally.checkRevisions(10, 13);
		assertThat(result().isSound()).isTrue();
	}

	@Test
	void acknowledgedWriteWithoutRevisionIsFound() {
		wrote(11, 12, 13);
		this.tally.checkRevisions(10, 12);
		assertThat(result().notes()).containsExactly("the revision rose by 2, but 3 writes were acknowledged");
	}

	@Test
	void revisionNobodyWroteIsFound() {
		wrote(11);
		this.tally.checkRevisions(10, 12);
		assertThat(result().notes()).containsExactly("the revision rose by 2, but 1 writes were acknowledged");
	}

	@Test
	void revisionAcknowledgedTwiceIsFound() {
		wrote(11, 11);
		this.tally.checkRevisions(10, 12);
		assertThat(result().notes()).containsExactly("the acknowledged revisions are not each revision once");
	}

	@Test
	void writesOfUnknownFateMayHaveCountedOrNot() {
		wrote(11, 13);
		this.tally.unknownWrites(2);
		this.tally.checkRevisions(10, 13);
		assertThat(result().isSound()).isTrue();
		this.tally.checkRevisions(10, 15);
		assertThat(result().isSound()).isFalse();
	}

	@Test
	void errorsAreCountedByKindWithinABound() {
		for (int i = 0; i < 100; i++) {
			this.tally.error(14, "text " + i);
			this.tally.error(14, "text 0");
		}
		assertThat(result().errors()).hasSizeLessThan(25)
			.containsEntry("status 14: text 0", 101L)
			.containsEntry("other errors", 80L);
		assertThat(result().isSound()).isFalse();
	}

	@Test
	void percentilesAreThoseOfTheTimes() {
		Series series = this.tally.total();
		for (int i = 1; i <= 1_000; i++) {
			series.time(i * 1_000_000L);
			series.completed();
		}
		SeriesResult result = series.result(10);
		assertThat(result.perSecond()).isEqualTo(100);
		assertThat(result.p50()).isBetween(499_000.0, 501_000.0);
		assertThat(result.p99()).isBetween(989_000.0, 991_000.0);
		assertThat(result.max()).isBetween(999_000.0, 1_001_000.0);
	}

	@Test
	void valuesAreTheSameForTheSameNumberAndDifferOtherwise() {
		byte[] value = new byte[21];
		byte[] other = new byte[21];
		Mixing.fill(value, 1, 258);
		assertThat(value).startsWith(2, 1, 0, 0, 0, 0, 0, 0);
		Mixing.fill(other, 1, 258);
		assertThat(other).isEqualTo(value);
		Mixing.fill(other, 1, 259);
		assertThat(Arrays.mismatch(value, 8, 21, other, 8, 21)).isLessThan(2);
		Mixing.fill(other, 2, 258);
		assertThat(Arrays.mismatch(value, 8, 21, other, 8, 21)).isLessThan(2);
	}

	private void wrote(long... revisions) {
		for (long revision : revisions) {
			this.tally.wrote(revision);
		}
	}

	private LoadResult result() {
		Usage usage = Usage.read(0);
		return this.tally.result("test", 1, usage, usage);
	}

}
