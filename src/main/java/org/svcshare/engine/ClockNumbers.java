package org.svcshare.engine;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/// Numbers for tickets and fences that need no memory: microseconds since 1970, or the next free
/// one. A pool whose value was forgotten goes on with higher numbers than it ever gave out, and so
/// do pools that do not know each other, as far as the servers' clocks agree.
///
/// They fit into 53 bits (what a JSON number surely keeps) until the year 2255. May be called by
/// any thread.
final class ClockNumbers {
    private static final long MICROS_PER_S = 1_000_000;
    private static final int NANOS_PER_MICRO = 1000;

    private final InstantSource wall;
    private final AtomicLong highest = new AtomicLong();

    ClockNumbers(InstantSource wall) {
        this.wall = wall;
    }

    /// Sets numbers aside.
    ///
    /// @return the one before the first of them
    long before(int count) {
        Instant instant = wall.instant();
        long now = instant.getEpochSecond() * MICROS_PER_S + instant.getNano() / NANOS_PER_MICRO;
        return highest.updateAndGet(last -> Math.max(last, now) + count) - count;
    }

    /// Another server has given out this one.
    void seen(long number) {
        highest.accumulateAndGet(number, Math::max);
    }
}
