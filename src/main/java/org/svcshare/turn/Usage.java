package org.svcshare.turn;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/// How much this bot moved, by day, for the fair-share policy.
final class Usage {
    private static final int DAYS = 7;
    private static final double MB = 1024 * 1024;

    private final TreeMap<Long, Long> bytesByDay;

    Usage(SortedMap<Long, Long> bytesByDay) {
        this.bytesByDay = new TreeMap<>(bytesByDay);
    }

    void add(long bytes, Instant now) {
        bytesByDay.merge(day(now), bytes, Long::sum);
        bytesByDay.headMap(day(now) - DAYS).clear();
    }

    /// MB of the last seven days; a day counts less the older it is, and nothing after seven.
    double decayedMb(Instant now) {
        long today = day(now);
        double bytes = 0;
        for (var entry : bytesByDay.entrySet()) {
            long age = Math.max(0, today - entry.getKey());
            bytes += entry.getValue() * Math.max(0, (DAYS - age) / (double) DAYS);
        }
        return bytes / MB;
    }

    SortedMap<Long, Long> bytesByDay() {
        return bytesByDay;
    }

    private static long day(Instant now) {
        return Math.floorDiv(now.getEpochSecond(), 86_400L);
    }
}
