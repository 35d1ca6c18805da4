package dev.kvserver.server.rpc;

import dev.kvserver.proto.etcdserverpb.CompactionRequest;
import dev.kvserver.proto.etcdserverpb.CompactionResponse;
import dev.kvserver.proto.etcdserverpb.DeleteRangeRequest;
import dev.kvserver.proto.etcdserverpb.DeleteRangeResponse;
import dev.kvserver.proto.etcdserverpb.KVGrpc;
import dev.kvserver.proto.etcdserverpb.PutRequest;
import dev.kvserver.proto.etcdserverpb.PutResponse;
import dev.kvserver.proto.etcdserverpb.RangeRequest;
import dev.kvserver.proto.etcdserverpb.RangeResponse;
import dev.kvserver.proto.etcdserverpb.RangeStreamResponse;
import dev.kvserver.proto.etcdserverpb.TxnRequest;
import dev.kvserver.proto.etcdserverpb.TxnResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** {@code etcdserverpb.KV}. */
public final class KvService extends KVGrpc.KVImplBase {

	private final KvRequests requests;

	private final RangeStreams streams;

	/**
	 * Makes the service.
	 * @param requests carries the requests out
	 * @param streams carries RangeStream out
	 */
	public KvService(KvRequests requests, RangeStreams streams) {
		this.requests = requests;
		this.streams = streams;
	}

	@Override
	public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
		this.requests.ofCall().range(request, new Answer<>(observer));
	}

	@Override
	public void rangeStream(RangeRequest request, StreamObserver<RangeStreamResponse> observer) {
		this.streams.start(request, (ServerCallStreamObserver<RangeStreamResponse>) observer);
	}

	@Override
	public void put(PutRequest request, StreamObserver<PutResponse> observer) {
		this.requests.ofCall().put(request, new Answer<>(observer));
	}

	@Override
	public void deleteRange(DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
		this.requests.ofCall().deleteRange(request, new Answer<>(observer));
	}

	@Override
	public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
		this.requests.ofCall().txn(request, new Answer<>(observer));
	}

	@Override
	public void compact(CompactionRequest request, StreamObserver<CompactionResponse> observer) {
		this.requests.ofCall().compact(request, new Answer<>(observer));
	}

}
