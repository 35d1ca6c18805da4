package dev.kvserver.server.apply;

import java.util.ArrayList;
import java.util.List;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.kvserver.proto.etcdserverpb.AlarmMember;
import dev.kvserver.proto.etcdserverpb.AlarmRequest;
import dev.kvserver.proto.etcdserverpb.AlarmType;
import dev.kvserver.server.storage.Bucket;
import dev.kvserver.server.storage.Storage;
import dev.kvserver.server.storage.StorageException;
import dev.kvserver.server.storage.WriteBatch;

/**
 * The alarms that are raised. The apply thread raises and disarms them; everybody reads
 * (etcd-contract section 2.12).
 */
public final class AlarmStore {

	private static final byte[] NO_VALUE = {};

	private volatile List<AlarmMember> active = List.of();

	/** Those that were raised at some time since the start, disarmed or not. */
	private volatile List<AlarmMember> seen = List.of();

	/**
	 * Reads the stored alarms. Before the apply thread starts; blocks on the disk.
	 * @param storage the storage
	 * @return the alarms
	 */
	public static AlarmStore load(Storage storage) {
		AlarmStore alarms = new AlarmStore();
		List<AlarmMember> stored = new ArrayList<>();
		try (Storage.Scan scan = storage.scan(Bucket.ALARM, new byte[0], null)) {
			while (scan.next()) {
				stored.add(AlarmMember.parseFrom(scan.key()));
			}
		}
		catch (InvalidProtocolBufferException ex) {
			throw new StorageException("a stored alarm cannot be read", ex);
		}
		alarms.active = List.copyOf(stored);
		alarms.seen = alarms.active;
		return alarms;
	}

	/**
	 * The alarms of a type. Any thread.
	 * @param type the type, {@code NONE} for all
	 * @return the alarms, in the order they were raised
	 */
	public List<AlarmMember> active(AlarmType type) {
		List<AlarmMember> all = this.active;
		return (type == AlarmType.NONE) ? all : all.stream().filter((alarm) -> alarm.getAlarm() == type).toList();
	}

	/**
	 * Whether any member has raised an alarm. Any thread.
	 * @param type the type
	 * @return {@code true} if so
	 */
	public boolean isActive(AlarmType type) {
		List<AlarmMember> all = this.active;
		for (int i = 0; i < all.size(); i++) {
			if (all.get(i).getAlarm() == type) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Those that were raised at some time since the start. Any thread.
	 * @return the alarms, disarmed or not, each once
	 */
	public List<AlarmMember> seen() {
		return this.seen;
	}

	private void see(AlarmMember alarm) {
		if (!this.seen.contains(alarm)) {
			List<AlarmMember> more = new ArrayList<>(this.seen);
			more.add(alarm);
			this.seen = List.copyOf(more);
		}
	}

	/** Raises or disarms an alarm and returns it; none if nothing is to be done. */
	List<AlarmMember> apply(AlarmRequest request, WriteBatch batch) {
		AlarmMember alarm = AlarmMember.newBuilder()
			.setMemberID(request.getMemberID())
			.setAlarm(request.getAlarm())
			.build();
		boolean raised = this.active.contains(alarm);
		return switch (request.getAction()) {
			case GET -> active(request.getAlarm());
			case ACTIVATE -> {
				if (alarm.getAlarm() == AlarmType.NONE) {
					yield List.of();
				}
				if (!raised) {
					batch.put(Bucket.ALARM, alarm.toByteArray(), NO_VALUE);
					List<AlarmMember> more = new ArrayList<>(this.active);
					more.add(alarm);
					this.active = List.copyOf(more);
					see(alarm);
				}
				yield List.of(alarm);
			}
			case DEACTIVATE -> {
				if (!raised) {
					yield List.of();
				}
				batch.delete(Bucket.ALARM, alarm.toByteArray());
				this.active = this.active.stream().filter((other) -> !other.equals(alarm)).toList();
				yield List.of(alarm);
			}
			case UNRECOGNIZED -> List.of();
		};
	}

}
