package org.svcshare.store;

import java.util.LinkedHashMap;
import java.util.Map;

/// Keys that somebody was asked for a moment ago, so that not everybody is asked for everything.
/// Bounded: the oldest question is forgotten first.
final class Asked {
    private static final int MOST = 20_000;

    private final Map<String, Long> atMs = new LinkedHashMap<>();

    /// @param patienceMs for how long an earlier question for the same key is waited for
    /// @return whether it is to be asked for now
    boolean claim(String key, long patienceMs, long nowMs) {
        Long before = atMs.remove(key);
        boolean waiting = before != null && Math.abs(nowMs - before) < patienceMs;
        atMs.put(key, before != null && waiting ? before : nowMs);
        if (atMs.size() > MOST) {
            atMs.remove(atMs.keySet().iterator().next());
        }
        return !waiting;
    }

    void answered(String key) {
        atMs.remove(key);
    }
}
