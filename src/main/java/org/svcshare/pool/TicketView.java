package org.svcshare.pool;

/// A ticket as everybody may see it.
///
/// @param sinceMs when it came into this state, in table time
/// @param untilMs when the lease, the grace or the wait ends, in table time; [Long#MAX_VALUE]:
///   never
/// @param ahead how many waiters are before it; 0 when it holds
/// @param fence 0 while it waits
/// @param heard whether its owner is known to be there: to have learned of the grant (see
///   [Operation.Unheard]), or to have come back while it waits (see [Operation.Restarted]); and was
///   heard of last through the server that looks
public record TicketView(
        long ticket,
        String pool,
        String holder,
        String reason,
        Mode mode,
        State state,
        long sinceMs,
        long untilMs,
        int ahead,
        long fence,
        boolean heard) {

    /// Where a ticket is in its life.
    public enum State {
        WAITING,
        HELD,
        /// The lease is over, the slot not yet given on.
        UNLOCKING
    }
}
