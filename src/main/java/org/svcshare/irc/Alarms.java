package org.svcshare.irc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the channel's loop has to wake for; at most one of each kind.
///
/// Owned by the loop.
final class Alarms {
    enum Alarm {
        /// Connect to the server.
        CONNECT,
        /// The connection must be registered by now.
        REGISTERED,
        /// Services have had their time.
        SERVICES,
        /// The list of names must be complete.
        NAMES,
        /// Try to join.
        JOIN,
        /// Look whether the nick we want is free.
        REGAIN,
        /// The server was silent: ask it.
        PING,
        /// It did not answer.
        PONG
    }

    private final Map<Alarm, Long> dueNanos = new EnumMap<>(Alarm.class);

    void set(Alarm alarm, Duration delay, long nowNanos) {
        dueNanos.put(alarm, nowNanos + delay.toNanos());
    }

    void cancel(Alarm alarm) {
        dueNanos.remove(alarm);
    }

    boolean isSet(Alarm alarm) {
        return dueNanos.containsKey(alarm);
    }

    void clear() {
        dueNanos.clear();
    }

    /// Those that are due, which are no longer set then.
    List<Alarm> due(long nowNanos) {
        var due = new ArrayList<Alarm>();
        dueNanos.forEach((alarm, at) -> {
            if (at - nowNanos <= 0) {
                due.add(alarm);
            }
        });
        due.forEach(dueNanos::remove);
        return due;
    }

    /// [Long#MAX_VALUE] when nothing is set.
    long waitNanos(long nowNanos) {
        long wait = Long.MAX_VALUE;
        for (long at : dueNanos.values()) {
            wait = Math.min(wait, Math.max(0, at - nowNanos));
        }
        return wait;
    }
}
