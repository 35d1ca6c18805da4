package dev.kvserver.server.watch;

/**
 * What the watch loop has to tell about itself, as of one of its turns.
 *
 * @param streams open streams
 * @param watchers watchers on them
 * @param slowWatchers those that are behind
 * @param eventsSent events sent since the start, counted for each watcher
 * @param responsesSent responses sent since the start, with and without events
 * @param gapRevisions revisions since the start that had to be read from the store
 * because the loop was too far behind the apply thread
 * @param position the last revision that all watchers have been given or will read back
 */
public record WatchStats(int streams, int watchers, int slowWatchers, long eventsSent, long responsesSent,
		long gapRevisions, long position) {

	/** Of a loop that has not begun. */
	static final WatchStats NONE = new WatchStats(0, 0, 0, 0, 0, 0, 0);

}
