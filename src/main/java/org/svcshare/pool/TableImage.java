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
        Absence absence,
        TableRules rules,
        List<TicketImage> tickets,
        List<EndedImage> ended,
        List<MeanImage> means) {

    /// The last time that the table was not reachable, for those who have waited since before.
    ///
    /// @param untilMs when everybody had time to come back
    /// @param claimMs how long a lock is then kept for who does not, at least 0
    public record Absence(long untilMs, long claimMs) {
        public static final Absence NEVER = new Absence(Long.MIN_VALUE, 0);

        static Absence until(long nowMs, Operation.Restarted restarted) {
            return new Absence(
                    nowMs + Math.clamp(restarted.graceMs(), 0, Operation.MAX_TIME_MS),
                    Math.clamp(restarted.claimMs(), 0, Operation.MAX_TIME_MS));
        }

        /// How long a ticket is kept that is granted now, and of whose owner nothing was heard.
        long claimEnd(long nowMs, long leaseMs) {
            long keptMs = leaseMs == 0 ? claimMs : Math.min(claimMs, leaseMs);
            return Math.max(nowMs, untilMs) + keptMs;
        }
    }

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
            boolean heard,
            long via) {}

    public record EndedImage(RequestId id, Cause cause, long forgetMs) {}

    /// @param meanHoldMs see [PoolView#meanHoldMs]
    public record MeanImage(String pool, long meanHoldMs) {}

    public TableImage {
        tickets = List.copyOf(tickets);
        ended = List.copyOf(ended);
        means = List.copyOf(means);
    }
}
