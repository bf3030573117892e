package org.svcshare.cluster;

import java.util.OptionalLong;
import java.util.function.LongSupplier;

/// When this node was last sure that it belongs to those who decide. For any thread.
final class Contact {
    private static final long NANOS_PER_MS = 1_000_000;

    private final LongSupplier nanos;
    private boolean ever;
    private long lastNanos;

    /// @param nanos a clock as [System#nanoTime]
    Contact(LongSupplier nanos) {
        this.nanos = nanos;
    }

    void was(long agoMs) {
        wasAt(nanos.getAsLong() - agoMs * NANOS_PER_MS);
    }

    /// @param at by the clock
    synchronized void wasAt(long at) {
        if (!ever || at - lastNanos > 0) {
            ever = true;
            lastNanos = at;
        }
    }

    /// Empty: never.
    synchronized OptionalLong agoMs() {
        return ever
                ? OptionalLong.of(Math.max(0, (nanos.getAsLong() - lastNanos) / NANOS_PER_MS))
                : OptionalLong.empty();
    }
}
