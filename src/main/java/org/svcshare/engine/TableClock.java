package org.svcshare.engine;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/// The time of one table, in milliseconds: begins with the clock on the wall, then counts as the
/// machine's steady clock does. Setting the wall clock ends no lease early, and none late.
///
/// For the owning thread.
final class TableClock {
    private static final long NANOS_PER_MS = 1_000_000;

    private final InstantSource wall;
    private final LongSupplier nanos;
    private long baseMs;
    private long baseNanos;

    /// @param leastMs the time that the table had; it goes on from there if the wall clock is
    ///   behind
    TableClock(InstantSource wall, LongSupplier nanos, long leastMs) {
        this.wall = wall;
        this.nanos = nanos;
        baseMs = Math.max(leastMs, wall.millis());
        baseNanos = nanos.getAsLong();
    }

    long nowMs() {
        return baseMs + (nanos.getAsLong() - baseNanos) / NANOS_PER_MS;
    }

    /// Goes after the wall clock if that is ahead (the machine slept): only while nothing is due,
    /// as it would end leases early.
    void follow() {
        long now = nowMs();
        if (wall.millis() > now) {
            baseMs = wall.millis();
            baseNanos = nanos.getAsLong();
        }
    }

    /// @return nanoseconds until the clock shows more than this
    long nanosUntilAfter(long dueMs) {
        return dueMs == Long.MAX_VALUE
                ? Long.MAX_VALUE
                : (dueMs + 1 - baseMs) * NANOS_PER_MS - (nanos.getAsLong() - baseNanos);
    }
}
