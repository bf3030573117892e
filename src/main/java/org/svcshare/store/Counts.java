package org.svcshare.store;

import java.util.Map;
import java.util.TreeMap;

/// Numbers that only grow, for metrics.
final class Counts {
    private final Map<String, Long> byName = new TreeMap<>();

    /// All there are, so that they are seen before anything happened.
    Counts() {
        for (String name :
                new String[] {
                    "applied",
                    "busy",
                    "full",
                    "not-bounded",
                    "remade",
                    "rounds",
                    "rumours",
                    "syncs",
                    "too-far-ahead",
                    "written"
                }) {
            byName.put(name, 0L);
        }
    }

    void add(String name) {
        byName.merge(name, 1L, Long::sum);
    }

    Map<String, Long> all() {
        return Map.copyOf(byName);
    }
}
