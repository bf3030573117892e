package org.svcshare.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Lets so many lines of one kind through per span of time and counts the others.
///
/// Not thread-safe.
final class RepeatLimit {
    private static final int MOST_KINDS = 500;

    private final int most;
    private final long spanMs;
    private final Map<String, Span> kinds =
            new LinkedHashMap<>(64, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Span> eldest) {
                    return size() > MOST_KINDS;
                }
            };

    private static final class Span {
        private long beganMs;
        private int admitted;
        private long leftOut;
    }

    RepeatLimit(int most, Duration span) {
        this.most = most;
        this.spanMs = span.toMillis();
    }

    static RepeatLimit usual() {
        return new RepeatLimit(20, Duration.ofMinutes(1));
    }

    /// @return how many of this kind were left out since the last one let through, or -1 to leave
    ///   this one out too
    long admit(String kind, long nowMs) {
        Span span = kinds.computeIfAbsent(kind, _ -> new Span());
        if (span.admitted == 0 || nowMs - span.beganMs >= spanMs || nowMs < span.beganMs) {
            span.beganMs = nowMs;
            span.admitted = 0;
        }
        if (span.admitted >= most) {
            span.leftOut++;
            return -1;
        }
        span.admitted++;
        long leftOut = span.leftOut;
        span.leftOut = 0;
        return leftOut;
    }
}
