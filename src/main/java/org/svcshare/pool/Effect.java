package org.svcshare.pool;

/// What happened to a ticket. Effects come in the order in which they happened, before the outcome
/// of the operation that led to them.
public sealed interface Effect {
    RequestId id();

    String pool();

    long ticket();

    /// It waits.
    record Queued(RequestId id, String pool, long ticket, String holder) implements Effect {}

    /// It holds a slot.
    ///
    /// @param waitedMs how long it had to wait; 0 when it was granted at once
    record Granted(
            RequestId id,
            String pool,
            long ticket,
            String holder,
            long fence,
            long untilMs,
            long waitedMs)
            implements Effect {}

    /// Its lease ends at another time.
    record Renewed(RequestId id, String pool, long ticket, long untilMs) implements Effect {}

    /// Its lease is over; the holder has until `takenMs` to stop.
    record Unlocking(RequestId id, String pool, long ticket, String holder, long takenMs)
            implements Effect {}

    /// It is gone.
    ///
    /// @param held whether it held a slot
    /// @param heldMs for how long; 0 when it did not
    record Ended(
            RequestId id,
            String pool,
            long ticket,
            String holder,
            Cause cause,
            boolean held,
            long heldMs)
            implements Effect {}

    /// Why a ticket ended.
    enum Cause {
        RELEASED,
        /// The lease ended.
        EXPIRED,
        /// It waited long enough.
        TIMED_OUT,
        /// An operator ended it.
        FORCED
    }
}
