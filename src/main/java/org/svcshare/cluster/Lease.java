package org.svcshare.cluster;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/// How long this node may do what only the leader does: for some time after a moment at which a
/// majority surely had no other one. That moment lies behind the begin of what proved it; when the
/// proof came in does not count, since this process may have stood still before that.
///
/// For any thread.
final class Lease {
    private final LongSupplier nanos;
    private final long lengthNanos;
    private long term = -1;
    private long provenNanos;

    /// @param nanos a clock as [System#nanoTime]
    Lease(Duration length, LongSupplier nanos) {
        this.lengthNanos = length.toNanos();
        this.nanos = nanos;
    }

    long now() {
        return nanos.getAsLong();
    }

    /// What was begun then was decided by a majority in this term.
    ///
    /// @param begun by the clock
    synchronized void proven(long inTerm, long begun) {
        if (inTerm > term || (inTerm == term && begun - provenNanos > 0)) {
            term = inTerm;
            provenNanos = begun;
        }
    }

    /// Whether it lasts, if this node leads in that term.
    boolean holds(long inTerm) {
        OptionalLong age = ageNanos(inTerm);
        return age.isPresent() && age.getAsLong() <= lengthNanos;
    }

    /// Whether it should be proven anew.
    boolean isOld(long inTerm) {
        OptionalLong age = ageNanos(inTerm);
        return age.isEmpty() || age.getAsLong() > lengthNanos / 2;
    }

    private synchronized OptionalLong ageNanos(long inTerm) {
        return inTerm == term
                ? OptionalLong.of(nanos.getAsLong() - provenNanos)
                : OptionalLong.empty();
    }
}
