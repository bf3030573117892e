package org.svcshare.pool;

/// What a [LockTable] answers to one [Operation].
public sealed interface Outcome {

    /// The ticket is held.
    ///
    /// @param ticket its number, which may be told to everybody
    /// @param fence the fencing token: higher than that of every earlier grant of any pool
    /// @param untilMs when the lease ends, in table time; [Long#MAX_VALUE]: when it is released
    record Granted(long ticket, long fence, long untilMs) implements Outcome {}

    /// The ticket waits.
    ///
    /// @param ahead how many waiters are before it
    /// @param untilMs when it has waited long enough, in table time
    record Queued(long ticket, int ahead, long untilMs) implements Outcome {}

    /// The ticket is gone.
    ///
    /// @param now whether this operation ended it; otherwise it had ended before
    record Released(boolean now) implements Outcome {}

    record Refused(Refusal why) implements Outcome {}

    /// Nothing to say.
    record Done() implements Outcome {}
}
