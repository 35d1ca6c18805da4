package dev.kvserver.server.lease;

/**
 * A place in a ring of the timer wheel: of a lease, or the head of a slot. Belongs to the
 * thread that owns the wheel.
 */
class WheelLink {

	private WheelLink previous = this;

	private WheelLink next = this;

	final boolean isAlone() {
		return this.next == this;
	}

	final WheelLink next() {
		return this.next;
	}

	/** Puts a link that is alone at the end of the ring that starts here. */
	final void append(WheelLink link) {
		link.previous = this.previous;
		link.next = this;
		this.previous.next = link;
		this.previous = link;
	}

	/** Moves everything behind another head to the end of this ring. */
	final void appendAll(WheelLink head) {
		if (head.isAlone()) {
			return;
		}
		head.next.previous = this.previous;
		this.previous.next = head.next;
		head.previous.next = this;
		this.previous = head.previous;
		head.next = head;
		head.previous = head;
	}

	/** Leaves its ring; fine if it is in none. */
	final void unlink() {
		this.previous.next = this.next;
		this.next.previous = this.previous;
		this.previous = this;
		this.next = this;
	}

}
