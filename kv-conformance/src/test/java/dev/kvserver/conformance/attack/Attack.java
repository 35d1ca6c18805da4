package dev.kvserver.conformance.attack;

import java.io.IOException;

/** Something that a server must survive without its other clients noticing. */
@FunctionalInterface
interface Attack {

	/**
	 * Attacks for as long as the target is on, or once and holds what it has got. Failing
	 * is no harm: most attackers are cut off.
	 * @param target whom
	 * @throws IOException if cut off; it is called again
	 * @throws InterruptedException never
	 */
	void on(Target target) throws IOException, InterruptedException;

}
