package dev.kvserver.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import com.google.protobuf.Message;
import dev.kvserver.proto.etcdserverpb.LeaseGrantRequest;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.server.AccessCell.AccessCaller;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every method, in every shape that matters, by callers with every kind of permission: no
 * cell is open that should be closed, and none closed that should be open.
 */
class AccessMatrixTests {

	private static final Set<String> REFUSALS = Set.of("etcdserver: permission denied",
			"etcdserver: user name is empty", "etcdserver: invalid auth token",
			"etcdserver: revision of auth store is old");

	private static final long DEADLINE_SECONDS = 20;

	private final AuthServer auth = AuthServer.open();

	private final List<AccessCell> cells = new AccessCells(this.auth.server().store()).all();

	private final Map<AccessCaller, Channel> channels = new HashMap<>();

	@BeforeEach
	void addCallers() {
		KvStore store = this.auth.server().store();
		Map<Long, String> keys = Map.of(7L, "k1", 8L, "x1", 17L, "k3", 18L, "x3");
		keys.forEach((lease, key) -> {
			store.leaseGrant(LeaseGrantRequest.newBuilder().setID(lease).setTTL(600).build()).join();
			store.put(PutRequest.newBuilder().setKey(AccessCells.utf8(key)).setLease(lease).build()).join();
		});
		List<AccessCaller> callers = AccessCaller.all();
		for (AccessCaller caller : callers) {
			if (caller.known() && !caller.root()) {
				this.auth.addUser(caller.name());
				if (!caller.key().isEmpty()) {
					this.auth.grant(caller.name(), caller.type(), caller.key(), caller.end());
				}
			}
		}
		this.auth.enable();
		for (AccessCaller caller : callers) {
			Channel channel = caller.known() ? this.auth.login(caller.name())
					: caller.liar() ? this.auth.with("abcdefghijklmnop.1") : this.auth.anonymous();
			this.channels.put(caller, channel);
		}
	}

	@AfterEach
	void close() {
		this.auth.close();
	}

	@Test
	void everyMethodOfEveryServiceHasACell() {
		Set<String> asked = new TreeSet<>();
		this.cells.forEach((cell) -> asked.add(cell.method().getFullMethodName()));
		Set<String> declared = new TreeSet<>();
		for (ServiceDescriptor service : AccessCells.services()) {
			for (MethodDescriptor<?, ?> method : service.getMethods()) {
				declared.add(AccessCells.declaredName(method));
			}
		}
		assertThat(asked).isEqualTo(declared);
	}

	@Test
	void everyCellIsOpenExactlyForThoseWhoMay() throws Exception {
		List<String> wrong = new ArrayList<>();
		for (AccessCell cell : this.cells) {
			for (AccessCaller caller : AccessCaller.all()) {
				String refusal = ask(cell, caller);
				if (refusal.isEmpty() != cell.isFor(caller)) {
					wrong.add(cell + " by " + caller + ": " + (refusal.isEmpty() ? "allowed" : refusal));
				}
			}
		}
		assertThat(wrong).isEmpty();
	}

	/**
	 * Without credentials and with wrong ones a caller is told so, whatever it asks for.
	 */
	@Test
	void strangersAreToldWhatTheyLack() throws Exception {
		for (AccessCell cell : this.cells) {
			for (AccessCaller caller : AccessCaller.all()) {
				if (!caller.known() && !cell.isFor(caller)) {
					String expected = caller.liar() ? "etcdserver: invalid auth token"
							: "etcdserver: user name is empty";
					assertThat(ask(cell, caller)).as(cell.toString()).isEqualTo(expected);
				}
			}
		}
	}

	/** What a caller is refused with, or nothing. */
	private String ask(AccessCell cell, AccessCaller caller) throws Exception {
		CompletableFuture<String> outcome = new CompletableFuture<>();
		MethodDescriptor<Message, Message> method = untyped(cell.method());
		ClientCall<Message, Message> call = requireNonNull(this.channels.get(caller)).newCall(method,
				CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
		call.start(new ClientCall.Listener<>() {

			@Override
			public void onMessage(Message message) {
				outcome.complete((message instanceof WatchResponse watch) ? reason(watch) : "");
			}

			@Override
			public void onClose(Status status, Metadata trailers) {
				outcome.complete(reason(status));
			}

		}, new Metadata());
		call.request(1);
		call.sendMessage(cell.request().get());
		boolean waits = method.getFullMethodName().endsWith("/Observe");
		call.halfClose();
		String refusal;
		try {
			refusal = outcome.get(waits ? 1 : DEADLINE_SECONDS, TimeUnit.SECONDS);
		}
		catch (TimeoutException ex) {
			refusal = "";
		}
		call.cancel("seen enough", null);
		return refusal;
	}

	private static String reason(WatchResponse response) {
		return reason(response.getCancelReason().replaceFirst("^rpc error: code = \\w+ desc = ", ""));
	}

	private static String reason(Status status) {
		return reason(Objects.toString(status.getDescription(), ""));
	}

	private static String reason(String text) {
		return REFUSALS.contains(text) ? text : "";
	}

	@SuppressWarnings("unchecked")
	private static MethodDescriptor<Message, Message> untyped(MethodDescriptor<?, ?> method) {
		return (MethodDescriptor<Message, Message>) method;
	}

}
