package org.svcshare.pool;

/// What can be asked of a [LockTable]. Every one may be repeated: the answer stays the same as long
/// as the ticket is there or its id is remembered.
public sealed interface Operation {
    /// Longest pool name, holder and reason, in UTF-8 bytes.
    int MAX_NAME_BYTES = 200;

    int MAX_REASON_BYTES = 500;

    /// Longest wait, lease and grace: 7 days, as cluck has it.
    long MAX_TIME_MS = 7L * 24 * 3600 * 1000;

    /// Asks for a ticket. Answered by [Outcome.Granted], [Outcome.Queued] or [Outcome.Refused].
    ///
    /// @param waitMs how long to wait, 0: not at all
    /// @param leaseMs how long to hold from the grant on; 0: until released; -1: what the pool says
    /// @param graceMs how long after the lease the holder is left to stop before another gets it
    /// @param recurring whether the id names the asker rather than the request (as a host name
    ///   does), so that it can be used again as soon as it has ended
    record Acquire(
            RequestId id,
            String pool,
            String holder,
            String reason,
            Mode mode,
            long waitMs,
            long leaseMs,
            long graceMs,
            boolean recurring)
            implements Operation {
        /// The same by somebody who has waited for a part of the time already.
        public Acquire withWait(long leftMs) {
            return new Acquire(id, pool, holder, reason, mode, leftMs, leaseMs, graceMs, recurring);
        }
    }

    /// Sets a held ticket's lease to end so long from now; does not add. Answered by
    /// [Outcome.Granted] or [Outcome.Refused].
    ///
    /// @param leaseMs 0: until released; -1: as long as at first
    record Renew(RequestId id, String pool, long leaseMs) implements Operation {}

    /// Gives a ticket back, held or waiting. Answered by [Outcome.Released], also when it has ended
    /// before, or [Outcome.Refused].
    record Release(RequestId id, String pool) implements Operation {}

    /// The same by number and without the owner's id, for operators.
    ///
    /// @param by who did it
    record Force(long ticket, String by) implements Operation {}

    /// Nobody heard that this ticket was granted after waiting: it ends in `claimMs` unless it is
    /// claimed. Changes nothing when its owner has been heard of through another server since.
    /// Answered by [Outcome.Granted] or [Outcome.Refused].
    record Unheard(RequestId id, long claimMs) implements Operation {}

    /// The owner of an unheard ticket has come: its lease begins now, or will with its turn.
    /// Answered by [Outcome.Granted] or [Outcome.Queued] or [Outcome.Refused]; of a ticket that was
    /// heard changes nothing but where.
    record Claim(RequestId id, String pool) implements Operation {}

    /// Puts rules in force. Tickets stay; what is above a new limit runs out.
    record Configure(TableRules rules) implements Operation {}

    /// The table was not reachable for a while: nobody could renew, and nobody knows which waiters
    /// are still there. No lease ends within `graceMs` from now. A ticket that waits now and is not
    /// asked for again under its id before its turn is kept for `claimMs` only, from its turn or
    /// the end of the grace on.
    ///
    /// @param claimMs [#ALL_THERE]: waiters are taken to be there, as logs of old have it
    record Restarted(long graceMs, long claimMs) implements Operation {
        public static final long ALL_THERE = -1;
    }

    /// Time has passed.
    record Tick() implements Operation {}
}
