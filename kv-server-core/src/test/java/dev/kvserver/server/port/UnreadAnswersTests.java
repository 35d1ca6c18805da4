package dev.kvserver.server.port;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Who is answered when clients do not read. */
class UnreadAnswersTests {

	private final AtomicLong nanos = new AtomicLong(-5);

	private final UnreadAnswers unread = new UnreadAnswers(100, this.nanos::get);

	private final EmbeddedChannel greedyChannel = new EmbeddedChannel();

	private final EmbeddedChannel otherChannel = new EmbeddedChannel();

	private final UnreadAnswers.Share greedy = this.unread.share(this.greedyChannel);

	private final UnreadAnswers.Share other = this.unread.share(this.otherChannel);

	@AfterEach
	void close() {
		this.greedyChannel.finishAndReleaseAll();
		this.otherChannel.finishAndReleaseAll();
	}

	@Test
	void oneMayHoldHalfOfWhatAllMay() {
		assertThat(this.greedy.admits()).isTrue();
		this.greedy.add(50);
		assertThat(this.greedy.admits()).isTrue();
		this.greedy.add(1);
		assertThat(this.greedy.admits()).isFalse();
		this.other.add(10);
		assertThat(this.other.admits()).isTrue();
	}

	@Test
	void whenAllHoldTooMuchWhoeverHoldsSomeWaits() {
		this.greedy.add(60);
		this.other.add(41);
		assertThat(this.greedy.admits()).isFalse();
		assertThat(this.other.admits()).isFalse();
		this.other.remove(41);
		this.greedy.add(41);
		assertThat(this.other.admits()).isTrue();
		this.greedy.add(100);
		assertThat(this.other.admits()).isFalse();
	}

	@Test
	void whatIsReadIsForgotten() {
		this.greedy.add(150);
		assertThat(this.unread.bytes()).isEqualTo(150);
		this.greedy.remove(150);
		assertThat(this.unread.bytes()).isZero();
		assertThat(this.greedy.admits()).isTrue();
	}

	@Test
	void whoTakesNothingIsClosedAndWhoTakesALittleIsNot() {
		this.greedy.add(101);
		this.other.add(10);
		for (int second = 0; second < 20; second++) {
			this.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
			this.otherChannel.writeOutbound(Unpooled.wrappedBuffer(new byte[2_000]));
			if (this.greedyChannel.isOpen()) {
				// Acknowledges a ping.
				this.greedyChannel.writeOutbound(Unpooled.wrappedBuffer(new byte[17]));
			}
			assertThat(this.other.admits()).isFalse();
			assertThat(this.greedyChannel.isOpen()).as("after %s seconds", second + 1).isEqualTo(second <= 5);
		}
		assertThat(this.otherChannel.isOpen()).isTrue();
	}

	@Test
	void nobodyIsClosedWhileThereIsRoom() {
		this.greedy.add(49);
		for (int second = 0; second < 20; second++) {
			this.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
			assertThat(this.other.admits()).isTrue();
		}
		assertThat(this.greedyChannel.isOpen()).isTrue();
	}

}
