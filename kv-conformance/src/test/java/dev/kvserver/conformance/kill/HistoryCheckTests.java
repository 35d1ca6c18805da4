package dev.kvserver.conformance.kill;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.Event.EventType;
import dev.kvserver.proto.mvccpb.KeyValue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Losses, repetitions and half transactions are found.
 *
 * <pre>
 * revision  2: put a         acknowledged
 * revision  3: del c, put b  acknowledged
 * revision  4: put d         no answer, but there
 *           -: put e         no answer, not there
 * </pre>
 */
class HistoryCheckTests {

	private final Writes writes = new Writes();

	private final List<Event> events = new ArrayList<>();

	@BeforeEach
	void write() {
		Write first = new Write(1, keys("a"), keys());
		Write second = new Write(2, keys("b"), keys("c"));
		for (Write write : List.of(first, second, new Write(3, keys("d"), keys()), new Write(4, keys("e"), keys()))) {
			this.writes.sent(write);
		}
		this.writes.acknowledged(first, 2);
		this.writes.acknowledged(second, 3);
		this.events.addAll(List.of(put("a", 1, 2), delete("c", 3), put("b", 2, 3), put("d", 3, 4)));
	}

	@Test
	void unansweredWriteMayBeThereOrNot() {
		assertThatCode(() -> HistoryCheck.verify(this.writes, this.events, 1, 4)).doesNotThrowAnyException();
		this.events.remove(3);
		assertThatCode(() -> HistoryCheck.verify(this.writes, this.events, 1, 3)).doesNotThrowAnyException();
	}

	@Test
	void lostWriteAtTheEndIsFound() {
		assertFails(this.events.subList(0, 1), 2, "Acknowledged outside of (1, 2]: [3]");
	}

	@Test
	void lostWriteInTheMiddleIsFound() {
		this.events.remove(0);
		assertFails(this.events, 4, "At revision 2 there is []");
	}

	@Test
	void otherRevisionThanAcknowledgedIsFound() {
		assertFails(List.of(delete("c", 2), put("b", 2, 2), put("a", 1, 3)), 3, "At revision 2");
	}

	@Test
	void halfTransactionIsFound() {
		this.events.remove(2);
		assertFails(this.events, 4, "At revision 3");
	}

	@Test
	void writeThatHappenedTwiceIsFound() {
		this.events.add(put("d", 3, 5));
		assertFails(this.events, 5, "At revision 5");
	}

	@Test
	void writeThatNobodySentIsFound() {
		this.events.set(3, put("d", 99, 4));
		assertFails(this.events, 4, "At revision 4");
	}

	@Test
	void eventsOutOfOrderAreFound() {
		this.events.add(this.events.remove(0));
		assertFails(this.events, 4, "Revision 2 comes after 4");
	}

	@Test
	void twoAcknowledgementsOfOneRevisionAreFound() {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> this.writes.acknowledged(new Write(5, keys("f"), keys()), 3));
	}

	private void assertFails(List<Event> history, long last, String message) {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> HistoryCheck.verify(this.writes, history, 1, last))
			.withMessageContaining(message);
	}

	private static Event put(String key, long number, long revision) {
		ByteString value = new Write(number, keys(), keys()).value();
		return Event.newBuilder().setKv(kv(key, revision).setValue(value)).build();
	}

	private static Event delete(String key, long revision) {
		return Event.newBuilder().setType(EventType.DELETE).setKv(kv(key, revision)).build();
	}

	private static KeyValue.Builder kv(String key, long revision) {
		return KeyValue.newBuilder().setKey(ByteString.copyFromUtf8(key)).setModRevision(revision);
	}

	private static List<ByteString> keys(String... keys) {
		return List.of(keys).stream().map(ByteString::copyFromUtf8).toList();
	}

}
