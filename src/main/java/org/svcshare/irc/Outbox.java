package org.svcshare.irc;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.IrcText;

/// Lines that wait for the server's patience: a token bucket, and the more urgent first.
///
/// Owned by the channel's loop; time comes in as nanoseconds of any clock that does not go back.
final class Outbox {
    /// Urgency, highest first.
    enum Urgency {
        /// Registration and PONG: not held back, though they use up tokens.
        NOW,
        ELECTION,
        ANSWER,
        CHATTER
    }

    static final int MAX_WAITING = 200;

    /// The same chatter is said at most so often within [#MUTE_FOR].
    private static final int SAME_CHATTER = 3;

    private static final Duration MUTE_FOR = Duration.ofSeconds(60);
    private static final int MAX_REMEMBERED = 256;

    private final int burst;
    private final long intervalNanos;
    private final Map<Urgency, Deque<String>> waiting = new EnumMap<>(Urgency.class);
    private final Map<String, Deque<Long>> said = new HashMap<>();
    private double tokens;
    private long filledAt;
    private long dropped;
    private long throttled;

    /// Of those that wait, how many were counted as [#throttled].
    private int counted;

    /// @param burst lines that may go at once
    /// @param interval time for one more line; zero for no limit
    Outbox(int burst, Duration interval, long nowNanos) {
        this.burst = Math.max(1, burst);
        this.intervalNanos = interval.toNanos();
        this.tokens = this.burst;
        this.filledAt = nowNanos;
        for (Urgency urgency : Urgency.values()) {
            waiting.put(urgency, new ArrayDeque<>());
        }
    }

    /// @return whether the line was taken; a full box drops the oldest of the least urgent lines
    boolean add(Urgency urgency, String line, long nowNanos) {
        if (!IrcText.isLine(line)) {
            throw new IllegalArgumentException("not one line");
        }
        if (urgency == Urgency.CHATTER && muted(line, nowNanos)) {
            dropped++;
            return false;
        }
        if (size() >= MAX_WAITING && urgency != Urgency.NOW && !makeRoom(urgency)) {
            dropped++;
            return false;
        }
        queue(urgency).add(line);
        return true;
    }

    /// The next line that may go now, or null.
    @Nullable String next(long nowNanos) {
        refill(nowNanos);
        for (Urgency urgency : Urgency.values()) {
            if (urgency != Urgency.NOW && tokens < 1) {
                held();
                return null;
            }
            String line = queue(urgency).poll();
            if (line != null) {
                tokens = Math.max(0, tokens - 1);
                counted = Math.max(0, counted - 1);
                return line;
            }
        }
        return null;
    }

    /// How long until [#next] may have something; [Long#MAX_VALUE] when nothing waits.
    long waitNanos(long nowNanos) {
        refill(nowNanos);
        if (size() == 0) {
            return Long.MAX_VALUE;
        }
        if (!queue(Urgency.NOW).isEmpty() || tokens >= 1) {
            return 0;
        }
        return (long) Math.ceil((1 - tokens) * intervalNanos);
    }

    /// Forgets what is for the channel; a PONG still goes.
    void clear() {
        queue(Urgency.ELECTION).clear();
        queue(Urgency.ANSWER).clear();
        queue(Urgency.CHATTER).clear();
        counted = Math.min(counted, size());
    }

    int size() {
        return waiting.values().stream().mapToInt(Deque::size).sum();
    }

    /// Lines that were not sent because there were too many, or the same too often.
    long dropped() {
        return dropped;
    }

    /// Lines that could not go at once.
    long throttled() {
        return throttled;
    }

    private void held() {
        int now = size();
        throttled += Math.max(0, now - counted);
        counted = now;
    }

    private boolean makeRoom(Urgency urgency) {
        for (Urgency less : new Urgency[] {Urgency.CHATTER, Urgency.ANSWER, Urgency.ELECTION}) {
            if (less.compareTo(urgency) < 0) {
                return false;
            }
            if (queue(less).poll() != null) {
                dropped++;
                return true;
            }
        }
        return false;
    }

    private boolean muted(String line, long nowNanos) {
        if (said.size() > MAX_REMEMBERED) {
            said.clear();
        }
        Deque<Long> times = said.computeIfAbsent(line, _ -> new ArrayDeque<>());
        while (!times.isEmpty() && nowNanos - times.peek() > MUTE_FOR.toNanos()) {
            times.poll();
        }
        if (times.size() >= SAME_CHATTER) {
            return true;
        }
        times.add(nowNanos);
        return false;
    }

    private void refill(long nowNanos) {
        if (intervalNanos == 0) {
            tokens = burst;
            return;
        }
        tokens = Math.min(burst, tokens + (double) (nowNanos - filledAt) / intervalNanos);
        filledAt = nowNanos;
    }

    private Deque<String> queue(Urgency urgency) {
        return waiting.computeIfAbsent(urgency, _ -> new ArrayDeque<>());
    }
}
