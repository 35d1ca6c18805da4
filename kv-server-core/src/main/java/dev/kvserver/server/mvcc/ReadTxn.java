package dev.kvserver.server.mvcc;

/** Reads one published view. Any thread. */
final class ReadTxn extends IndexRead {

	private final StoreView view;

	private final Values values;

	private int ranges;

	ReadTxn(StoreView view, Values values) {
		this.view = view;
		this.values = values;
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
	public void noteRange() {
		this.ranges++;
	}

	/** The reads so far. */
	int ranges() {
		return this.ranges;
	}

	@Override
	TreeIndex index() {
		return this.view.index();
	}

	@Override
	Values values() {
		return this.values;
	}

}
