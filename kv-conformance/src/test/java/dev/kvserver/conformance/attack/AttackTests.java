package dev.kvserver.conformance.attack;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.kvserver.conformance.process.OursProcess;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each attack goes on while another client works as always. The server has a small heap
 * and ends when it is full, so that it cannot keep what attackers send; when the memory
 * outside of the heap is full, its clients are no longer answered.
 * <p>
 * The client's p99 may be ten times its normal. Below a floor it is not looked at:
 * attacker, client and server share the machine's cores, which a build machine has few
 * of.
 * <p>
 * To measure on a quiet machine, use
 * {@code -Dkv.attack.floor-millis=20 -Dkv.attack.requests=2000}.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class AttackTests {

	/** A key with a large value. */
	static final String LARGE = "large";

	private static final Logger LOGGER = LoggerFactory.getLogger(AttackTests.class);

	private static final int REQUESTS = Integer.getInteger("kv.attack.requests", 200);

	private static final int FACTOR_MAX = 10;

	private static final long FLOOR_NANOS = Duration.ofMillis(Long.getLong("kv.attack.floor-millis", 3_000)).toNanos();

	private static final int TRIES = 3;

	private static final int LARGE_BYTES = 1 << 20;

	/** Connections of attackers that keep what they have got. */
	private static final int HELD = 3;

	private static final int IDLE_CONNECTIONS = 10_000;

	/** Made once: some are large. */
	private static final Map<String, Attack> ATTACKS = attacksOfAllKinds();

	private final OursProcess server = new OursProcess(false, Duration.ofMinutes(10), "simple").withHeap("160m");

	@BeforeAll
	void start() {
		this.server.start();
		try (Bystander client = new Bystander(this.server.port())) {
			client.putLarge(LARGE, LARGE_BYTES);
			client.p99(1_000);
		}
	}

	@AfterAll
	void close() {
		this.server.close();
	}

	private static Map<String, Attack> attacksOfAllKinds() {
		Map<String, Attack> attacks = new LinkedHashMap<>(Http2Attacks.all());
		attacks.putAll(Http1Attacks.all());
		return attacks;
	}

	static List<String> attacks() {
		return List.copyOf(ATTACKS.keySet());
	}

	@ParameterizedTest
	@MethodSource("attacks")
	void othersDoNotNotice(String name) throws Exception {
		Attack attack = ATTACKS.get(name);
		assertThat(attack).isNotNull();
		for (int left = TRIES; !isUnnoticed(name, attack); left--) {
			assertThat(left).as("%s: attempts left, see the log", name).isGreaterThan(1);
		}
	}

	private boolean isUnnoticed(String name, Attack attack) throws Exception {
		try (Bystander client = new Bystander(this.server.port())) {
			long normal = client.p99(REQUESTS);
			Target target = new Target(this.server.port());
			Attackers attackers = new Attackers(attack, target);
			long attacked;
			try {
				target.awaitAttack();
				attacked = client.p99(REQUESTS);
			}
			finally {
				attackers.stop();
			}
			LOGGER.info("{}: p99 {} us, attacked {} us, {} connections", name, normal / 1000, attacked / 1000,
					target.connections());
			return attacked <= Math.max(FACTOR_MAX * normal, FLOOR_NANOS);
		}
	}

	/** As many as the processes may have open, if that is less. */
	@Test
	void tenThousandIdleConnectionsDisturbNobody() throws Exception {
		OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
		assertThat(system).isInstanceOf(UnixOperatingSystemMXBean.class);
		long filesMax = ((UnixOperatingSystemMXBean) system).getMaxFileDescriptorCount();
		int count = (int) Math.min(IDLE_CONNECTIONS, filesMax - 500);
		try (OursProcess own = new OursProcess(false, Duration.ofMinutes(10), "simple").withHeap("512m")) {
			own.start();
			Target target = new Target(own.port());
			try (Bystander client = new Bystander(own.port())) {
				List<Socket> idle = new ArrayList<>();
				byte[] preface = Frames.preface().toBytes();
				byte[] head = "GET /version HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);
				for (int i = 0; i < count; i++) {
					Socket socket = target.connect();
					socket.getOutputStream().write((i % 2 == 0) ? preface : head);
					idle.add(socket);
				}
				client.p99(REQUESTS);
				Socket old = idle.get(1);
				old.setSoTimeout(20_000);
				old.getOutputStream().write("Host: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
				assertThat(old.getInputStream().readNBytes(12)).asString(StandardCharsets.US_ASCII)
					.isEqualTo("HTTP/1.1 200");
			}
			finally {
				target.off();
			}
		}
	}

	/** Sends what is not answered, and keeps the connection. */
	static void hold(Target target, byte[] bytes) throws IOException, InterruptedException {
		List<Socket> held = new ArrayList<>();
		for (int i = 0; i < HELD; i++) {
			Socket socket = target.connect();
			held.add(socket);
			socket.getOutputStream().write(bytes);
		}
		target.awaitOff();
		assertThat(held).hasSize(HELD);
	}

	/** A thread that attacks again and again. */
	private static final class Attackers {

		private final Attack attack;

		private final Target target;

		private final Thread thread = new Thread(this::run, "attacker");

		private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

		Attackers(Attack attack, Target target) {
			this.attack = attack;
			this.target = target;
			this.thread.start();
		}

		private void run() {
			while (this.target.isOn()) {
				try {
					this.attack.on(this.target);
				}
				catch (IOException ex) {
					LOGGER.debug("Cut off", ex);
				}
				catch (InterruptedException | RuntimeException ex) {
					this.failure.set(ex);
					return;
				}
			}
		}

		void stop() throws Exception {
			this.target.off();
			this.thread.join(Duration.ofSeconds(60).toMillis());
			assertThat(this.thread.isAlive()).isFalse();
			Exception failed = this.failure.get();
			if (failed != null) {
				throw failed;
			}
		}

	}

}
