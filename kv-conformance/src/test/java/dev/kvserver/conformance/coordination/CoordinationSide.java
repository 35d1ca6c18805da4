package dev.kvserver.conformance.coordination;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.google.protobuf.ByteString;
import dev.kvserver.conformance.grpc.Call;
import dev.kvserver.conformance.grpc.Connection;
import dev.kvserver.conformance.grpc.OpenCall;
import dev.kvserver.conformance.watch.WatchConnection;
import dev.kvserver.proto.etcdserverpb.WatchCreateRequest;
import dev.kvserver.proto.etcdserverpb.WatchResponse;
import dev.kvserver.proto.mvccpb.Event;

/**
 * One server in a run: a connection for each client, one for everything that is answered
 * at once, and a watch of all that happens.
 */
final class CoordinationSide implements AutoCloseable {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private static final ByteString ALL = ByteString.copyFrom(new byte[1]);

	private final int port;

	private final Connection control;

	private final Map<Integer, Connection> clients = new TreeMap<>();

	private final Map<Integer, OpenCall> calls = new TreeMap<>();

	private final WatchConnection watch;

	private final List<Event> events = new ArrayList<>();

	CoordinationSide(int port) {
		this.port = port;
		this.control = new Connection(port);
		this.watch = new WatchConnection(this.control.channel());
		this.watch.create(WatchCreateRequest.newBuilder().setKey(ALL).setRangeEnd(ALL).setPrevKv(true).build());
		if (this.watch.await(WatchResponse::getCreated, 1, TIMEOUT) == null) {
			throw new AssertionError("No watch: " + this.watch.end());
		}
	}

	/** Starts what is answered at once. */
	OpenCall ask(Call call) {
		return OpenCall.start(this.control, call);
	}

	/** Starts what may take long, on the client's own connection. */
	void start(int client, Call call) {
		Connection connection = this.clients.computeIfAbsent(client, (any) -> new Connection(this.port));
		this.calls.put(client, OpenCall.start(connection, call));
	}

	/** What a client has under way. */
	OpenCall call(int client) {
		OpenCall call = this.calls.get(client);
		if (call == null) {
			throw new IllegalStateException("Client " + client + " has nothing under way");
		}
		return call;
	}

	/** A client's call is over. */
	void forget(int client) {
		this.calls.remove(client);
	}

	void cancel(int client) {
		call(client).cancel();
		forget(client);
	}

	/** Closes a client's connection; it gets another one when it needs one. */
	void drop(int client) {
		Connection connection = this.clients.remove(client);
		if (connection != null) {
			connection.close();
		}
		forget(client);
	}

	/** Blocks until there have been so many events, and returns them all. */
	List<Event> awaitEvents(int count) {
		takeEvents();
		while (this.events.size() < count) {
			if (this.watch.await((any) -> true, 1, TIMEOUT) == null) {
				throw new AssertionError(
						"Only " + this.events.size() + " events, no " + count + "; the watch: " + this.watch.end());
			}
			takeEvents();
		}
		return this.events;
	}

	private void takeEvents() {
		for (WatchResponse response : this.watch.take((any) -> true)) {
			this.events.addAll(response.getEventsList());
		}
	}

	/**
	 * The clients that have something under way, which is over although it should not.
	 */
	List<Integer> over() {
		return this.calls.entrySet()
			.stream()
			.filter((call) -> call.getValue().isOver())
			.map(Map.Entry::getKey)
			.toList();
	}

	@Override
	public void close() {
		this.watch.close();
		this.clients.values().forEach(Connection::close);
		this.control.close();
	}

}
