package org.svcshare.lock;

import java.time.Duration;

/// How long a [NamedLock] waits, holds and is left to stop. Times beyond their bounds count as the
/// bound; a negative one means what all locks of the program have ([NamedLocks#times]).
///
/// @param obtention how long to wait for the lock: 3 s to 1 h
/// @param duration how long to hold it: 3 s to 7 days
/// @param unlockGrace how long after that the holder is left to stop before somebody else may have
///   the lock, and how long a release is tried: 3 s to 7 days
public record LockTimes(Duration obtention, Duration duration, Duration unlockGrace) {
    /// What all locks of the program have.
    public static final Duration DEFAULT = Duration.ofSeconds(-1);

    /// Nothing of its own.
    public static final LockTimes DEFAULTS = new LockTimes(DEFAULT, DEFAULT, DEFAULT);

    private static final Duration LEAST = Duration.ofSeconds(3);
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);
    private static final Duration LONGEST = Duration.ofDays(7);
    private static final Duration USUAL = Duration.ofSeconds(5);

    public LockTimes {
        obtention = bounded(obtention, LONGEST_WAIT);
        duration = bounded(duration, LONGEST);
        unlockGrace = bounded(unlockGrace, LONGEST);
    }

    private static Duration bounded(Duration time, Duration longest) {
        if (time.isNegative()) {
            return DEFAULT;
        }
        Duration least = time.compareTo(LEAST) < 0 ? LEAST : time;
        return least.compareTo(longest) > 0 ? longest : least;
    }

    /// Five seconds each.
    public static LockTimes usual() {
        return new LockTimes(USUAL, USUAL, USUAL);
    }

    public LockTimes withObtention(Duration time) {
        return new LockTimes(time, duration, unlockGrace);
    }

    public LockTimes withDuration(Duration time) {
        return new LockTimes(obtention, time, unlockGrace);
    }

    public LockTimes withUnlockGrace(Duration time) {
        return new LockTimes(obtention, duration, time);
    }

    /// These times, and others where there are none of its own.
    LockTimes over(LockTimes others) {
        return new LockTimes(
                own(obtention, others.obtention),
                own(duration, others.duration),
                own(unlockGrace, others.unlockGrace));
    }

    private static Duration own(Duration time, Duration other) {
        return time.isNegative() ? other : time;
    }
}
