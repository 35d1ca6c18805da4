package dev.kvserver.conformance.coordination;

import java.util.List;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.mvccpb.Event;
import dev.kvserver.proto.mvccpb.KeyValue;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The check of what clients were told sees what it has to see. */
class LockLogTests {

	/** l/1 holds from 2 on, l/2 from 5 on; the resource is written at 4 and at 6. */
	private static final List<Event> EVENTS = List.of(put("l/1", 2), put("l/2", 3), put("resource", 4),
			delete("l/1", 5), put("resource", 6));

	private final LockLog log = new LockLog();

	@Test
	void whatIsTrueIsAccepted() {
		this.log.held(new LockLog.Held("l/1", 2));
		this.log.held(new LockLog.Held("l/1", 4));
		this.log.held(new LockLog.Held("l/2", 5));
		this.log.written(new LockLog.Written(2, true, 4));
		this.log.written(new LockLog.Written(2, false, 5));
		this.log.written(new LockLog.Written(3, true, 6));
		this.log.check("l/", EVENTS);
	}

	@Test
	void secondHolderAtOneRevisionIsSeen() {
		this.log.held(new LockLog.Held("l/1", 3));
		this.log.held(new LockLog.Held("l/2", 3));
		assertRefused("but then it was l/1");
	}

	@Test
	void writeOfWhoHasLostTheLockIsSeen() {
		this.log.written(new LockLog.Written(2, true, 6));
		assertRefused("but the key was gone");
	}

	@Test
	void writeOfWhoStillWaitsIsSeen() {
		this.log.written(new LockLog.Written(3, true, 4));
		assertRefused("but the lock was held with token 2");
	}

	@Test
	void refusalWithoutReasonIsSeen() {
		this.log.written(new LockLog.Written(2, false, 4));
		assertRefused("but the key was there");
	}

	private void assertRefused(String message) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> this.log.check("l/", EVENTS))
			.withMessageContaining(message);
	}

	private static Event put(String key, long revision) {
		return Event.newBuilder().setKv(kv(key, revision).setCreateRevision(revision)).build();
	}

	private static Event delete(String key, long revision) {
		return Event.newBuilder().setType(Event.EventType.DELETE).setKv(kv(key, revision)).build();
	}

	private static KeyValue.Builder kv(String key, long revision) {
		return KeyValue.newBuilder().setKey(ByteString.copyFromUtf8(key)).setModRevision(revision);
	}

}
