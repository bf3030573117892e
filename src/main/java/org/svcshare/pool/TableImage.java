package org.svcshare.pool;

import java.util.List;
import org.svcshare.pool.Effect.Cause;
import org.svcshare.pool.TicketView.State;

/// A whole [LockTable] as values, to be written down and to begin again from.
///
/// @param tickets holders of each pool in the order of their grants, then its waiters in theirs
/// @param ended oldest first
public record TableImage(
        long nowMs,
        long lastTicket,
        long lastFence,
        TableRules rules,
        List<TicketImage> tickets,
        List<EndedImage> ended,
        List<MeanImage> means) {

    /// @param leaseMs as it was asked for, so that a renewal can repeat it
    public record TicketImage(
            RequestId id,
            String pool,
            String holder,
            String reason,
            Mode mode,
            State state,
            long number,
            long fence,
            long sinceMs,
            long dueMs,
            long leaseMs,
            long graceMs,
            boolean recurring,
            boolean heard) {}

    public record EndedImage(RequestId id, Cause cause, long forgetMs) {}

    /// @param meanHoldMs see [PoolView#meanHoldMs]
    public record MeanImage(String pool, long meanHoldMs) {}

    public TableImage {
        tickets = List.copyOf(tickets);
        ended = List.copyOf(ended);
        means = List.copyOf(means);
    }
}
