package dev.kvserver.server.mvcc;

import java.io.IOException;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.kvserver.proto.mvccpb.KeyValue;
import dev.kvserver.server.key.Bytes;
import dev.kvserver.server.storage.StorageException;

/**
 * Turns what the index knows of a key into {@code mvccpb.KeyValue}, as message and as
 * stored bytes. The bytes equal what protobuf would write for the message, field by field
 * in order with zeros left out, which is what etcd hashes.
 */
final class KeyValues {

	private static final int KEY_TAG = KeyValue.KEY_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

	private KeyValues() {
	}

	static KeyValue message(KeyIndex key, byte[] value) {
		return KeyValue.newBuilder()
			.setKey(Bytes.wrap(key.key()))
			.setCreateRevision(key.createRevision())
			.setModRevision(key.modRevision())
			.setVersion(key.version())
			.setLease(key.lease())
			.setValue(Bytes.wrap(value))
			.build();
	}

	/** The message without value and lease: what a keys-only range answers. */
	static KeyValue keyOnly(KeyIndex key) {
		return KeyValue.newBuilder()
			.setKey(Bytes.wrap(key.key()))
			.setCreateRevision(key.createRevision())
			.setModRevision(key.modRevision())
			.setVersion(key.version())
			.build();
	}

	static byte[] encode(KeyIndex key, byte[] value) {
		byte[] bytes = new byte[size(key, value)];
		CodedOutputStream out = CodedOutputStream.newInstance(bytes);
		try {
			if (key.key().length > 0) {
				out.writeByteArray(KeyValue.KEY_FIELD_NUMBER, key.key());
			}
			writeLong(out, KeyValue.CREATE_REVISION_FIELD_NUMBER, key.createRevision());
			writeLong(out, KeyValue.MOD_REVISION_FIELD_NUMBER, key.modRevision());
			writeLong(out, KeyValue.VERSION_FIELD_NUMBER, key.version());
			if (value.length > 0) {
				out.writeByteArray(KeyValue.VALUE_FIELD_NUMBER, value);
			}
			writeLong(out, KeyValue.LEASE_FIELD_NUMBER, key.lease());
		}
		catch (IOException ex) {
			throw new IllegalStateException("size: " + bytes.length, ex);
		}
		return bytes;
	}

	/** The stored form of a delete: the key alone. */
	static byte[] encodeTombstone(byte[] key) {
		return KeyValue.newBuilder().setKey(Bytes.wrap(key)).build().toByteArray();
	}

	static KeyValue decode(long main, long sub, byte[] stored) {
		try {
			return KeyValue.parseFrom(stored);
		}
		catch (InvalidProtocolBufferException ex) {
			throw unreadable(main, sub, ex);
		}
	}

	/** The key alone, which is the first field; cheaper than {@link #decode}. */
	static byte[] decodeKey(long main, long sub, byte[] stored) {
		CodedInputStream in = CodedInputStream.newInstance(stored);
		try {
			return (in.readTag() == KEY_TAG) ? in.readByteArray() : new byte[0];
		}
		catch (IOException ex) {
			throw unreadable(main, sub, ex);
		}
	}

	private static StorageException unreadable(long main, long sub, IOException ex) {
		return new StorageException("key value at revision " + main + "/" + sub + " cannot be read", ex);
	}

	private static int size(KeyIndex key, byte[] value) {
		int size = 0;
		if (key.key().length > 0) {
			size += CodedOutputStream.computeByteArraySize(KeyValue.KEY_FIELD_NUMBER, key.key());
		}
		size += longSize(KeyValue.CREATE_REVISION_FIELD_NUMBER, key.createRevision());
		size += longSize(KeyValue.MOD_REVISION_FIELD_NUMBER, key.modRevision());
		size += longSize(KeyValue.VERSION_FIELD_NUMBER, key.version());
		if (value.length > 0) {
			size += CodedOutputStream.computeByteArraySize(KeyValue.VALUE_FIELD_NUMBER, value);
		}
		return size + longSize(KeyValue.LEASE_FIELD_NUMBER, key.lease());
	}

	private static int longSize(int field, long value) {
		return (value != 0) ? CodedOutputStream.computeInt64Size(field, value) : 0;
	}

	private static void writeLong(CodedOutputStream out, int field, long value) throws IOException {
		if (value != 0) {
			out.writeInt64(field, value);
		}
	}

}
