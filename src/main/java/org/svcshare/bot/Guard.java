package org.svcshare.bot;

import java.time.Duration;

/// What a bot's gate opens under.
///
/// @param lease how long the lock is held without renewal, at least [#LEAST]
public record Guard(Lock lock, Duration lease) {
    /// Below this too little is left of a lease when the clocks had their share.
    public static final Duration LEAST = Duration.ofSeconds(2);

    public Guard {
        if (lease.compareTo(LEAST) < 0) {
            throw new IllegalArgumentException("a lease of " + lease);
        }
    }
}
