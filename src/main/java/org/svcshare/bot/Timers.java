package org.svcshare.bot;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.svcshare.turn.Timer;

/// The timers of one keeper. Owned by the bot's loop.
final class Timers {
    private final Map<Timer, Instant> due = new EnumMap<>(Timer.class);

    void start(Timer timer, Duration delay, Instant now) {
        due.put(timer, now.plus(delay));
    }

    void cancel(Timer timer) {
        due.remove(timer);
    }

    /// Takes the timer that has been due longest, if any is.
    Optional<Timer> takeDue(Instant now) {
        Optional<Timer> timer =
                next().filter(entry -> !entry.getValue().isAfter(now)).map(Map.Entry::getKey);
        timer.ifPresent(due::remove);
        return timer;
    }

    /// How long until the next one is due; `most` when none is sooner.
    Duration untilNext(Instant now, Duration most) {
        Duration left = next().map(entry -> Duration.between(now, entry.getValue())).orElse(most);
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(most) < 0 ? left : most;
    }

    private Optional<Map.Entry<Timer, Instant>> next() {
        return due.entrySet().stream().min(Map.Entry.comparingByValue());
    }
}
