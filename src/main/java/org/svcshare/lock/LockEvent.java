package org.svcshare.lock;

import org.svcshare.lock.LockEffect.Callbacks;

/// What happens to a [LockCourse].
sealed interface LockEvent {
    /// Somebody wants the lock; only where it is idle.
    ///
    /// @param times each of its own, none left to a default
    record Lock(LockTimes times, boolean keepAlive) implements LockEvent {}

    record Unlock() implements LockEvent {}

    record TimePassed() implements LockEvent {}

    /// The program's locks are closed, and nobody waits for servers any longer.
    record Abandoned() implements LockEvent {}

    /// What came of an effect. News of an attempt that is over change nothing.
    sealed interface News extends LockEvent {
        long attempt();
    }

    // Of Acquire and GiveUp.

    record Granted(long attempt, HeldLock lock) implements News {}

    record Refused(long attempt, Why why, String detail) implements News {}

    /// @param perhaps whether a server may have done it all the same
    record NoAnswer(long attempt, boolean perhaps, String detail) implements News {}

    /// @param surely whether a server has said that nothing is left of it
    record GivenUp(long attempt, boolean surely, String detail) implements News {}

    // Of Look.

    record Seen(long attempt, HeldLock lock) implements News {}

    record Lost(long attempt, Why why, String detail) implements News {}

    record NotSeen(long attempt) implements News {}

    // Of Release.

    record Released(long attempt) implements News {}

    /// It had ended before, and not by us.
    record Gone(long attempt, Why why, String detail) implements News {}

    record NotReleased(long attempt, String detail) implements News {}

    // Of Call.

    record Returned(long attempt, Callbacks which) implements News {}
}
