package org.svcshare.history;

/// Something that one client asked of one mutex, and when: some moment between the two times it
/// took effect, or seemed to.
///
/// @param who the request: a grant and its release have the same
/// @param beginNanos when it was asked
/// @param endNanos when the answer came; [Long#MAX_VALUE]: never
public record LockEvent(String who, Kind kind, long fence, long beginNanos, long endNanos) {

    /// What it was, and what came of it.
    public enum Kind {
        /// It got the lock, with `fence`.
        ACQUIRED,
        /// It was told that another has it.
        BUSY,
        /// It gave the lock back.
        RELEASED,
        /// Nobody knows whether it got the lock.
        PERHAPS_ACQUIRED,
        /// Nobody knows whether it was given back: it may happen later, or never.
        PERHAPS_RELEASED,
        /// Its lease may have ended from `beginNanos` on.
        PERHAPS_EXPIRED
    }

    boolean mustHappen() {
        return switch (kind) {
            case ACQUIRED, BUSY, RELEASED -> true;
            case PERHAPS_ACQUIRED, PERHAPS_RELEASED, PERHAPS_EXPIRED -> false;
        };
    }
}
