package org.svcshare.gate;

import java.util.concurrent.TimeUnit;

/// How many bytes may pass now: a token bucket that may go into debt.
///
/// It holds at most what flows in 50 ms, so that a burst after silence is bounded; what was taken
/// too much is owed, so that the long-run rate is exact. Safe for any thread; time comes as an
/// argument and must not be compared with the wall clock.
final class TokenBucket {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double DEPTH_SECONDS = 0.05;
    private static final double QUANTUM_SECONDS = 0.005;
    private static final double LEAST_DEPTH_BYTES = 4096;
    private static final double LEAST_QUANTUM_BYTES = 256;

    private double bytesPerSecond;
    private double tokens;
    private long filledNanos;

    /// Starts anew, empty.
    ///
    /// @param rate bytes per second, more than zero
    synchronized void rate(long rate, long nowNanos) {
        bytesPerSecond = rate;
        tokens = 0;
        filledNanos = nowNanos;
    }

    /// @return zero or less when one has to wait
    synchronized long available(long nowNanos) {
        fill(nowNanos);
        return (long) Math.floor(tokens);
    }

    synchronized void spend(long bytes, long nowNanos) {
        fill(nowNanos);
        tokens -= bytes;
    }

    /// How long until a read is worth its while: the debt is paid and some milliseconds' worth is
    /// there.
    synchronized long nanosUntilWorthwhile(long nowNanos) {
        fill(nowNanos);
        double wanted = Math.max(bytesPerSecond * QUANTUM_SECONDS, LEAST_QUANTUM_BYTES);
        return Math.max(0, (long) Math.ceil((wanted - tokens) / bytesPerSecond * NANOS_PER_SECOND));
    }

    private void fill(long nowNanos) {
        long passed = nowNanos - filledNanos;
        if (passed <= 0) {
            return;
        }
        filledNanos = nowNanos;
        double depth = Math.max(bytesPerSecond * DEPTH_SECONDS, LEAST_DEPTH_BYTES);
        tokens = Math.min(depth, tokens + bytesPerSecond * passed / NANOS_PER_SECOND);
    }
}
