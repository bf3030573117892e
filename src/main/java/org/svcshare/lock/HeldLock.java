package org.svcshare.lock;

import java.time.Duration;
import java.time.Instant;

/// A lock that we hold, and until when we may believe so.
///
/// The server says how long a lease still lasts when it answers, which is after we asked. So we
/// count that from before we asked, and are never later than the server, whatever its clock says.
///
/// @param ticket its number, which may be told to everybody
/// @param fence higher than that of every earlier grant: for services that refuse old ones
/// @param lasts how long it is ours from `askedNanos` on; 0: until released
/// @param askedNanos [System#nanoTime] before it was asked for or last renewed
/// @param asked the same moment on the wall clock
public record HeldLock(
        LockId id,
        String pool,
        long ticket,
        long fence,
        Duration lasts,
        long askedNanos,
        Instant asked) {

    public boolean hasEnd() {
        return !lasts.isZero();
    }

    /// How long it stays ours.
    ///
    /// @param nowNanos of [System#nanoTime]
    /// @return 0 when it has ended; [Ask#FOREVER] when it has no end
    public Duration left(long nowNanos) {
        if (!hasEnd()) {
            return Ask.FOREVER;
        }
        Duration left = lasts.minusNanos(nowNanos - askedNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /// Whether the wall clock says that it has ended though the other clock does not: the machine
    /// may have slept, which the monotonic clock does not count, or somebody has set the clock. A
    /// renewal tells.
    public boolean doubtful(Instant now) {
        return hasEnd() && !now.isBefore(until());
    }

    /// The end by the wall clock; [Instant#MAX] when there is none.
    public Instant until() {
        return hasEnd() ? asked.plus(lasts) : Instant.MAX;
    }
}
