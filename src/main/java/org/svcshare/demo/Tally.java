package org.svcshare.demo;

import java.time.Duration;

/// What the workers saw of the lock that they share. Thread-safe.
final class Tally {
    private int inside;
    private long lastFence;
    private long grants;
    private long lost;
    private long doubled;
    private long lastGrantNanos;
    private long longestGapNanos;
    private boolean gapsCount;

    /// A worker has the lock now.
    synchronized void entered(long fence, long nowNanos) {
        inside++;
        if (inside > 1 || fence <= lastFence) {
            doubled++;
        }
        lastFence = Math.max(lastFence, fence);
        if (gapsCount && grants > 0) {
            longestGapNanos = Math.max(longestGapNanos, nowNanos - lastGrantNanos);
        }
        lastGrantNanos = nowNanos;
        grants++;
    }

    /// It is about to give it back.
    synchronized void leaves() {
        inside--;
    }

    /// A lock that was ours was not known any more.
    synchronized void lost() {
        lost++;
    }

    /// From now on the time between two grants is looked at, anew.
    synchronized void watchGaps() {
        gapsCount = true;
        longestGapNanos = 0;
    }

    synchronized Duration longestGap() {
        return Duration.ofNanos(longestGapNanos);
    }

    synchronized long grants() {
        return grants;
    }

    synchronized long lostLocks() {
        return lost;
    }

    synchronized long doubledLocks() {
        return doubled;
    }
}
