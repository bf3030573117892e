package org.svcshare.lock;

import java.time.Duration;

/// What a [LockCourse] wants done.
sealed interface LockEffect {
    /// The lists of callbacks. They are called in this order, each once in an attempt at most.
    enum Callbacks {
        OBTAINED,
        TIME_OVER,
        FAILED,
        FINALLY
    }

    /// Ask for the lock under a new id, and wait for it so long; answered by one of
    /// [LockEvent.Granted], [LockEvent.Refused], [LockEvent.NoAnswer].
    record Acquire(long attempt, Duration waits, LockTimes times) implements LockEffect {}

    /// End that question and what may have come of it; answered by [LockEvent.GivenUp], unless one
    /// of the others was on its way.
    ///
    /// @param patience how long to try
    record GiveUp(long attempt, Duration patience) implements LockEffect {}

    /// Ask whether the lock is still ours; answered by one of [LockEvent.Seen], [LockEvent.Lost],
    /// [LockEvent.NotSeen].
    ///
    /// @param renew whether it is to last as long again from now
    record Look(long attempt, boolean renew) implements LockEffect {}

    /// Give the lock back; answered by one of [LockEvent.Released], [LockEvent.Gone],
    /// [LockEvent.NotReleased].
    ///
    /// @param patience how long to try
    record Release(long attempt, Duration patience) implements LockEffect {}

    /// Answered by [LockEvent.Returned] when all of them have returned, except for
    /// [Callbacks#FINALLY].
    record Call(long attempt, Callbacks which) implements LockEffect {}
}
