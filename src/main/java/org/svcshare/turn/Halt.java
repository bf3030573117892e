package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Why a bot keeps still: because somebody said so, or because it has just (or not yet) joined.
///
/// The two are kept apart, so that a technical halt never becomes a lasting one (svcshare 0.3,
/// defect D7).
final class Halt {
    private boolean byHand;
    private @Nullable Instant until;
    private boolean technical = true;

    /// @param length zero for without an end
    void begin(Duration length, Instant now) {
        byHand = true;
        until = length.isZero() ? null : now.plus(length);
    }

    void restore(boolean forever, @Nullable Instant end, Instant now) {
        byHand = forever || (end != null && end.isAfter(now));
        until = byHand && !forever ? end : null;
    }

    /// Ends what people asked for.
    void end() {
        byHand = false;
        until = null;
    }

    /// Out of the channel, or only just in it.
    void technical(boolean on) {
        technical = on;
    }

    boolean inForce() {
        return byHand || technical;
    }

    boolean byHand() {
        return byHand;
    }

    /// Null when there is no end to tell.
    @Nullable Instant until() {
        return until;
    }

    /// Minutes left, begun ones counted; 0 when there is no end to tell.
    long minutesLeft(Instant now) {
        if (until == null) {
            return 0;
        }
        return Math.max(1, Duration.between(now, until).plusSeconds(59).toMinutes());
    }
}
