package org.svcshare.cluster;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/// A node's notion of the group's time, in milliseconds. Between what the log says it counts as the
/// machine's steady clock does.
///
/// It never shows more than the leader's whose stamps it heard, since a stamp is heard after it was
/// made. So a new leader goes on with its own, and no lease ends early by the change; and what a
/// wall clock says moves the group's time only while nothing is due.
///
/// For any thread.
final class GroupClock {
    private static final long NANOS_PER_MS = 1_000_000;

    private final InstantSource wall;
    private final LongSupplier nanos;
    private long baseMs;
    private long baseNanos;

    GroupClock(InstantSource wall, LongSupplier nanos) {
        this.wall = wall;
        this.nanos = nanos;
        baseNanos = nanos.getAsLong();
    }

    synchronized long nowMs() {
        return baseMs + (nanos.getAsLong() - baseNanos) / NANOS_PER_MS;
    }

    /// The log has this time: it is at least so late.
    synchronized void heard(long stampMs) {
        if (stampMs > nowMs()) {
            baseMs = stampMs;
            baseNanos = nanos.getAsLong();
        }
    }

    /// Goes after the wall clock if that is ahead; only while nothing is due anywhere in the log,
    /// as it would end leases early.
    synchronized void follow() {
        heard(wall.millis());
    }
}
