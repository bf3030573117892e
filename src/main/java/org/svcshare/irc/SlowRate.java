package org.svcshare.irc;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Lets something happen at most once in a while per key: answers to strangers, refusals, hints.
///
/// Owned by the channel's loop.
final class SlowRate {
    private static final int MAX_KEYS = 512;

    private final long intervalNanos;
    private final LinkedHashMap<String, Long> last =
            new LinkedHashMap<>() {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                    return size() > MAX_KEYS;
                }
            };

    SlowRate(Duration interval) {
        this.intervalNanos = interval.toNanos();
    }

    boolean allows(String key, long nowNanos) {
        Long before = last.get(key);
        if (before != null && nowNanos - before < intervalNanos) {
            return false;
        }
        last.remove(key);
        last.put(key, nowNanos);
        return true;
    }
}
