package org.svcshare.store;

import java.time.Duration;

/// Stamps that only grow, stay near the wall clock, and are above every stamp that was seen before.
///
/// A stamp is 47 bits of milliseconds since 1970 and 16 bits that count within one millisecond, so
/// that stamps compare as numbers. Not thread-safe. Wall time comes in as an argument.
///
/// Source: Kulkarni et al., "Logical Physical Clocks and Consistent Snapshots", 2014.
public final class HybridClock {
    static final int COUNT_BITS = 16;

    private final long aheadMs;
    private long last;

    /// @param ahead how far a stamp may be ahead of our own clock
    public HybridClock(Duration ahead) {
        this.aheadMs = ahead.toMillis();
    }

    /// The stamp of a write of ours.
    public long next(long wallMs) {
        last = Math.max(last + 1, wallMs << COUNT_BITS);
        return last;
    }

    /// Whether a stamp is none that a clock near ours could have made.
    public boolean tooFarAhead(long stamp, long wallMs) {
        return (stamp >>> COUNT_BITS) > wallMs + aheadMs;
    }

    /// A stamp of somebody else, or of ours from before a restart.
    public void saw(long stamp) {
        last = Math.max(last, stamp);
    }

    /// The highest so far.
    public long last() {
        return last;
    }
}
