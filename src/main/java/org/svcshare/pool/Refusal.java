package org.svcshare.pool;

/// Why a [LockTable] did not do what it was asked.
public enum Refusal {
    /// No pool of this name is declared.
    UNKNOWN_POOL,
    /// The pool's list of holders does not have this one.
    NOT_ALLOWED,
    /// All slots are taken, or others wait, and the asker did not want to wait.
    BUSY,
    TOO_MANY_WAITERS,
    TOO_MANY_TICKETS,
    /// The pool is held, or waited for, under another id.
    NOT_OWNER,
    /// The lease had ended.
    EXPIRED,
    /// It had waited for as long as it wanted to.
    TIMED_OUT,
    /// It had been given back.
    RELEASED,
    /// It was taken away by an operator.
    FORCED,
    /// Nobody knows this ticket.
    UNKNOWN_TICKET,
    /// The id belongs to a request for another pool or in another mode.
    ID_REUSED,
    /// A name is empty, too long or has control characters, or a time is out of range.
    INVALID
}
