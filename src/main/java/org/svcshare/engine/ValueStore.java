package org.svcshare.engine;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Named values that several servers share, and that change only by who has seen them last.
///
/// May be called by any thread; each call waits for its answer, for a bounded time.
interface ValueStore extends AutoCloseable {
    /// @return null when there is none of this name
    @Nullable Stored read(String key) throws StoreException;

    /// Stores a value if the one that was read is still the one there.
    ///
    /// @param seen null: if there is none
    /// @param keep how long to keep it when nobody touches it; zero: for ever
    /// @return whether it was stored
    boolean replace(String key, @Nullable Stored seen, byte[] value, Duration keep)
            throws StoreException;

    /// Why it cannot be reached, for people; empty while it can.
    String trouble();

    @Override
    void close();

    /// @param version changes with every change of the value
    /// @param connection on which it was read: after a restart of the store versions begin anew, so
    ///   that one means nothing on another connection
    record Stored(ByteBuffer bytes, long version, long connection) {}

    /// No answer, or none that could be understood.
    final class StoreException extends Exception {
        private static final long serialVersionUID = 1;

        private final boolean perhapsDone;

        /// @param perhapsDone whether what was asked may have been done all the same
        StoreException(String why, boolean perhapsDone) {
            super(why);
            this.perhapsDone = perhapsDone;
        }

        boolean perhapsDone() {
            return perhapsDone;
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }
}
