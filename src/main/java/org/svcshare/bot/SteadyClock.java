package org.svcshare.bot;

import java.time.Instant;
import java.time.InstantSource;

/// Wall time that never goes back: read once at the start, then counted on the monotonic clock.
///
/// A clock that is set while the process runs therefore neither ends a halt early nor makes a
/// transfer take no time.
final class SteadyClock implements InstantSource {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
