package dev.kvserver.conformance.attack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Attacks over HTTP/1, the JSON gateway and WebSocket. */
final class Http1Attacks {

	private static final String END = "\r\n\r\n";

	private static final String UPGRADE = """
			GET /v3/watch HTTP/1.1
			Host: x
			Connection: Upgrade
			Upgrade: websocket
			Sec-WebSocket-Version: 13
			Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

			""".replace("\n", "\r\n");

	private static final int SLOW = 500;

	private Http1Attacks() {
	}

	static Map<String, Attack> all() {
		Map<String, Attack> attacks = new LinkedHashMap<>();
		attacks.put("row 23, requests that two parsers read in two ways, CVE-2026-33870", Http1Attacks::smuggle);
		attacks.put("row 21, compressed bomb as a body, CVE-2026-42587",
				repeated(post("/v3/kv/put", "Content-Encoding: gzip", Http2Attacks.gzip(10 << 20))));
		attacks.put("heads that take for ever (slowloris)",
				(target) -> slowly(target, "GET /version HTTP/1.1\r\nHost: x\r\n", "A: b\r\n"));
		attacks.put("bodies that take for ever", (target) -> slowly(target,
				"POST /v3/kv/put HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000" + END, " "));
		attacks.put("heads that are too large",
				repeated("GET /version HTTP/1.1\r\nHost: x\r\n" + ("A: " + "b".repeat(4_000) + "\r\n").repeat(1_000)));
		attacks.put("lines that do not end", repeated("GET /" + "a".repeat(4 << 20)));
		attacks.put("JSON that is too large",
				repeated(post("/v3/kv/put", "A: b", bytes("{\"key\":\"" + "YWFh".repeat(1 << 20)))));
		attacks.put("JSON that does not end",
				repeated("POST /v3/watch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked" + END
						+ ("100000\r\n" + "[".repeat(1 << 20) + "\r\n").repeat(8)));
		attacks.put("JSON that is nested",
				repeated(post("/v3/kv/txn", "A: b", bytes("{\"x\":" + "[".repeat(1 << 20)))));
		attacks.put("invalid UTF-8 and Base64", Http1Attacks::unreadable);
		attacks.put("messages over a WebSocket that are too large", repeated(frame(0x82, 1L << 40)));
		attacks.put("pings over a WebSocket", repeated(pings(20_000)));
		attacks.put("pongs over a WebSocket that are never read",
				(target) -> AttackTests.hold(target, pings(2_000_000)));
		attacks.put("answers of the gateway that are never read", (target) -> AttackTests.hold(target, bytes(
				new String(post("/v3/kv/range", "A: b", bytes("{\"key\":\"bGFyZ2U=\"}")), StandardCharsets.ISO_8859_1)
					.repeat(500))));
		return attacks;
	}

	private static Attack repeated(String text) {
		return repeated(bytes(text));
	}

	private static Attack repeated(byte[] request) {
		return (target) -> {
			while (target.isOn()) {
				target.send(request);
			}
		};
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.ISO_8859_1);
	}

	private static byte[] post(String path, String header, byte[] body) {
		ByteArrayOutputStream request = new ByteArrayOutputStream();
		request.writeBytes(bytes(
				"POST " + path + " HTTP/1.1\r\nHost: x\r\n" + header + "\r\nContent-Length: " + body.length + END));
		request.writeBytes(body);
		return request.toByteArray();
	}

	/** None of the hidden requests may be answered: see the tests of the port. */
	private static void smuggle(Target target) throws IOException {
		String hidden = "GET /version HTTP/1.1\r\nHost: x\r\n\r\n";
		List<String> requests = List.of(
				"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: " + hidden.length()
						+ "\r\nTransfer-Encoding: chunked" + END + "0" + END + hidden,
				"POST /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked" + END + hidden,
				"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: " + hidden.length() + END
						+ hidden,
				"GET /health HTTP/1.1\nHost: x\n Transfer-Encoding: chunked\n\n" + hidden);
		while (target.isOn()) {
			for (String request : requests) {
				target.send(request);
			}
		}
	}

	private static void slowly(Target target, String begin, String more) throws IOException, InterruptedException {
		List<Socket> sockets = new ArrayList<>();
		try {
			for (int i = 0; i < SLOW; i++) {
				Socket socket = target.connect();
				socket.getOutputStream().write(bytes(begin));
				sockets.add(socket);
			}
			while (target.pause()) {
				for (Socket socket : sockets) {
					socket.getOutputStream().write(bytes(more));
				}
			}
		}
		finally {
			target.close(sockets);
		}
	}

	private static void unreadable(Target target) throws IOException {
		byte[] utf8 = post("/v3/kv/put", "A: b",
				new byte[] { '{', '"', 'k', 'e', 'y', '"', ':', '"', (byte) 0xc3, 0x28, '"', '}' });
		byte[] base64 = post("/v3/kv/put", "A: b", bytes("{\"key\":\"=!=\"}"));
		while (target.isOn()) {
			target.send(utf8);
			target.send(base64);
		}
	}

	/** A frame that says it is larger than what follows. */
	private static byte[] frame(int head, long length) {
		ByteArrayOutputStream frame = new ByteArrayOutputStream();
		frame.writeBytes(bytes(UPGRADE));
		frame.write(head);
		frame.write(0x80 | 127);
		for (int shift = 56; shift >= 0; shift -= 8) {
			frame.write((int) (length >> shift));
		}
		byte[] payload = new byte[1 << 20];
		Arrays.fill(payload, (byte) '[');
		frame.writeBytes(payload);
		return frame.toByteArray();
	}

	private static byte[] pings(int count) {
		ByteArrayOutputStream pings = new ByteArrayOutputStream();
		pings.writeBytes(bytes(UPGRADE));
		for (int i = 0; i < count; i++) {
			pings.writeBytes(new byte[] { (byte) 0x89, (byte) 0x80, 0, 0, 0, 0 });
		}
		return pings.toByteArray();
	}

}
