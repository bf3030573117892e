package org.svcshare.engine;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The time of one table, in milliseconds: begins with the clock on the wall, then counts as the
/// machine's steady clock does. Setting the wall clock ends no lease early, and none late.
///
/// Any thread may look at it, its owner moves it.
final class TableClock {
    private static final long NANOS_PER_MS = 1_000_000;

    private final InstantSource wall;
    private final LongSupplier nanos;
    private volatile Base base;

    /// What the clock showed when the steady clock was there.
    private record Base(long ms, long nanos) {}

    /// @param leastMs the time that the table had; it goes on from there if the wall clock is
    ///   behind
    TableClock(InstantSource wall, LongSupplier nanos, long leastMs) {
        this.wall = wall;
        this.nanos = nanos;
        base = new Base(Math.max(leastMs, wall.millis()), nanos.getAsLong());
    }

    long nowMs() {
        Base from = base;
        return from.ms + (nanos.getAsLong() - from.nanos) / NANOS_PER_MS;
    }

    /// Goes after the wall clock if that is ahead (the machine slept): only while nothing is due,
    /// as it would end leases early.
    void follow() {
        long now = nowMs();
        if (wall.millis() > now) {
            base = new Base(wall.millis(), nanos.getAsLong());
        }
    }

    /// @return nanoseconds until the clock shows more than this
    long nanosUntilAfter(long dueMs) {
        Base from = base;
        return dueMs == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : (dueMs + 1 - from.ms) * NANOS_PER_MS - (nanos.getAsLong() - from.nanos);
    }
}
