package dev.kvserver.server.port;

import java.io.IOException;
import java.io.InputStream;

import io.grpc.Codec;
import io.grpc.Decompressor;
import io.grpc.DecompressorRegistry;
import io.grpc.Status;

/**
 * Reads compressed messages. gRPC's own gzip, except that bytes which are no gzip end the
 * call with etcd's code instead of Unknown.
 */
final class GzipMessages implements Decompressor {

	/** How the encoding is called in headers. */
	static final String NAME = "gzip";

	private final Codec gzip = new Codec.Gzip();

	/**
	 * Everything a client may compress its messages with: gzip or nothing.
	 * @return the registry
	 */
	static DecompressorRegistry registry() {
		return DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false).with(new GzipMessages(), true);
	}

	@Override
	public String getMessageEncoding() {
		return this.gzip.getMessageEncoding();
	}

	@Override
	public InputStream decompress(InputStream compressed) {
		try {
			return this.gzip.decompress(compressed);
		}
		catch (IOException ex) {
			throw Status.INTERNAL.withDescription("grpc: failed to decompress the message: " + ex.getMessage())
				.asRuntimeException();
		}
	}

}
