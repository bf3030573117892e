package org.svcshare.spawn;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// How often somebody may guess: ten logins at once from one address, then one every six seconds.
/// One that succeeds costs nothing.
///
/// Only on the event loop.
final class Attempts {
    private static final int MOST = 10;
    private static final long EACH_NANOS = Duration.ofSeconds(6).toNanos();
    private static final int MOST_ADDRESSES = 10_000;

    private final LongSupplier clock;

    /// When all that an address has used is given back to it; the one that was heard of longest ago
    /// first.
    private final Map<String, Long> restedNanos = new LinkedHashMap<>(16, 0.75f, true);

    /// @param clock nanoseconds on no calendar
    Attempts(LongSupplier clock) {
        this.clock = clock;
    }

    /// Uses one up.
    ///
    /// @return whether there was one
    boolean take(String address) {
        long now = clock.getAsLong();
        String key = network(address);
        long rested = rested(key, now) + EACH_NANOS;
        if (rested - now > MOST * EACH_NANOS) {
            return false;
        }
        restedNanos.put(key, rested);
        if (restedNanos.size() > MOST_ADDRESSES) {
            restedNanos.remove(restedNanos.keySet().iterator().next());
        }
        return true;
    }

    /// Gives one back.
    void giveBack(String address) {
        restedNanos.computeIfPresent(network(address), (_, rested) -> rested - EACH_NANOS);
    }

    private long rested(String key, long now) {
        Long rested = restedNanos.get(key);
        return rested == null || rested - now < 0 ? now : rested;
    }

    /// Who has an IPv6 address usually has all that begin like it.
    private static String network(String address) {
        String[] groups = address.split(":", -1);
        return groups.length == 8
                ? String.join(":", groups[0], groups[1], groups[2], groups[3])
                : address;
    }
}
