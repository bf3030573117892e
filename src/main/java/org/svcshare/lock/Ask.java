package org.svcshare.lock;

import java.time.Duration;
import org.svcshare.pool.Mode;

/// What somebody wants of a pool.
///
/// @param id drawn for this wish; the same id asks for the same thing again
/// @param holder who wants it; empty: what the server makes of the token or the address
/// @param reason what for, for people; may be empty
/// @param waits how long to wait for it; 0: not at all; [#FOREVER]
/// @param ttl how long to hold it without a renewal; 0: until released
/// @param grace how long after a lost lease the holder is left to stop
public record Ask(
        LockId id,
        String pool,
        String holder,
        String reason,
        Mode mode,
        Duration waits,
        Duration ttl,
        Duration grace) {
    /// Waits until it is granted.
    public static final Duration FOREVER = Duration.ofDays(3650);

    /// The same wish under another id.
    Ask again(LockId other, Duration left) {
        return new Ask(other, pool, holder, reason, mode, left, ttl, grace);
    }
}
