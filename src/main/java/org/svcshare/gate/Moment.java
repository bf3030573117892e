package org.svcshare.gate;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// A moment of this process, on the monotonic clock and on the wall clock.
///
/// The monotonic clock decides. But it may stand still while the machine sleeps (Linux:
/// `CLOCK_MONOTONIC` does, clock_gettime(2)), and the wall clock may be set by anybody. So when the
/// two do not agree on how far away a moment is, nobody knows, and it counts as reached.
///
/// @param nanos as [System#nanoTime] has it
/// @param wallMillis as [System#currentTimeMillis] has it
public record Moment(long nanos, long wallMillis) {
    /// How far the clocks may be apart. A sleep that is shorter goes unnoticed: who sets a moment
    /// leaves room for it.
    public static final Duration APART = Duration.ofMillis(250);

    private static final long APART_NANOS = APART.toNanos();
    private static final long ONE_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int LOOKS = 5;

    /// Both clocks, read as one: between the two looks the thread may have had to wait.
    public static Moment now() {
        for (int look = 1; ; look++) {
            long before = System.nanoTime();
            long wallMillis = System.currentTimeMillis();
            if (System.nanoTime() - before < ONE_LOOK_NANOS || look == LOOKS) {
                return new Moment(before, wallMillis);
            }
        }
    }

    public Moment plus(Duration time) {
        return new Moment(nanos + time.toNanos(), wallMillis + time.toMillis());
    }

    /// How long from `now` until this moment on the monotonic clock; negative when it is over.
    public Duration from(Moment now) {
        return Duration.ofNanos(nanos - now.nanos);
    }

    /// Whether it is reached or may be.
    public boolean reachedAt(Moment now) {
        return reachedAt(now.nanos, now.wallMillis);
    }

    /// The same for this very moment, without making an object: asked for every transfer.
    boolean reached() {
        if (!reachedAt(System.nanoTime(), System.currentTimeMillis())) {
            return false;
        }
        return reachedAt(now());
    }

    private boolean reachedAt(long nowNanos, long nowWallMillis) {
        long leftNanos = nanos - nowNanos;
        long wallLeftNanos = TimeUnit.MILLISECONDS.toNanos(wallMillis - nowWallMillis);
        return leftNanos <= 0 || Math.abs(leftNanos - wallLeftNanos) > APART_NANOS;
    }
}
