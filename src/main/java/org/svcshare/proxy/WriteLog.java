package org.svcshare.proxy;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where writes are kept in one order until every node has them. Any thread may call it.
///
/// A log that needs a majority of a group fits the same place.
interface WriteLog extends AutoCloseable {
    /// One record on its way into the log.
    abstract class Entry {
        private final byte[] record;
        private long position;
        private @Nullable String failure;

        Entry(byte[] record) {
            this.record = record;
        }

        final byte[] record() {
            return record;
        }

        final void kept(long at) {
            position = at;
        }

        final void failed(String why) {
            failure = why;
        }

        final long position() {
            return position;
        }

        /// Why it is not in the log; null if it is.
        final @Nullable String failure() {
            return failure;
        }

        /// What follows, on the thread that owns the replicas.
        abstract void over();
    }

    /// Gets what was read of a log.
    interface Reader {
        void record(long position, RecordCodec.Entry entry) throws IOException;
    }

    /// Records that were read, and where to go on.
    record Window(long next, List<Found> found) {
        record Found(long position, WriteRequest request) {}
    }

    /// Appends a record; it is told when it is as durable as the log is, or has failed.
    ///
    /// @return false when there is no room for another one now
    boolean append(Entry entry);

    /// Reads writes from a position on, a few at once.
    ///
    /// @param then on the thread that owns the replicas; null when they could not be read
    void window(long from, long mostBytes, Consumer<@Nullable Window> then);

    /// Writes down all that is known, so that records up to `upTo` are of no use any more.
    ///
    /// @param image taken at `at`
    void image(long upTo, byte[] image);

    /// Whether the log has grown so long that an image is worth its while.
    boolean wantsImage();

    /// The last position that there is.
    long end();

    /// Whether writes may be sent to nodes just now; one of many that share a log may not. It is
    /// asked before each.
    default boolean holds() {
        return true;
    }

    /// How many writes that are in the log wait for a node to take them: as long as there are such,
    /// nobody waits for what is on its way.
    default void waiting(long writes) {}

    /// Why nothing more can be written; null while it can.
    @Nullable String trouble();

    /// Syncs what waits; no more calls after it.
    @Override
    void close();
}
