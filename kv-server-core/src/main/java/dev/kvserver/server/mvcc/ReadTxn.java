package dev.kvserver.server.mvcc;

/** Reads one published view. Any thread. */
final class ReadTxn extends IndexRead {

	private final StoreView view;

	ReadTxn(StoreView view) {
		this.view = view;
	}

	@Override
	public long revision() {
		return this.view.revision();
	}

	@Override
	public long compactRevision() {
		return this.view.compactRevision();
	}

	@Override
	TreeIndex index() {
		return this.view.index();
	}

	@Override
	Values values() {
		return this.view.values();
	}

}
