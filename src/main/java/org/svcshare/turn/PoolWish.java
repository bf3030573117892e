package org.svcshare.turn;

import java.time.Duration;

/// What somebody in the channel wants of the lock pools.
public sealed interface PoolWish {

    /// Which pools there are.
    record All() implements PoolWish {}

    /// Who has a pool and who waits for it.
    record Look(String pool) implements PoolWish {}

    /// A lock for the asker, or for longer, or the place in the queue.
    ///
    /// @param reason one line, may be empty
    record Take(String pool, Duration length, String reason) implements PoolWish {}

    /// The asker gives back what was taken here, or does not wait for it any more.
    record GiveBack(String pool) implements PoolWish {}

    /// Somebody else's lock is taken away.
    record TakeAway(String pool, String holder) implements PoolWish {}
}
