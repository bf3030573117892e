package org.svcshare.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.pool.Effect;
import org.svcshare.pool.RequestId;

/// Who hears of a grant, and how long nobody has.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WaitersTest {
    private static final RequestId ID = new RequestId(1, 2);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final List<Duration> away = new ArrayList<>();
    private final Waiters waiters = new Waiters(nanos::get, (_, time) -> away.add(time));
    private int told;

    private final class Listener extends Waiters.Waiter {
        Listener() {
            super(ID);
        }

        @Override
        void told(Effect effect, boolean alone) {
            told++;
        }

        @Override
        void dismissed() {}
    }

    private void grant() {
        waiters.on(new Effect.Granted(ID, "p", 1, "anna", 1, 60_000, 0));
    }

    @Test
    void given_a_listener_who_left_when_granted_then_it_is_known_for_how_long() {
        var listener = new Listener();
        waiters.join(listener);
        waiters.desert(listener);
        nanos.addAndGet(Duration.ofSeconds(7).toNanos());
        grant();
        assertEquals(List.of(Duration.ofSeconds(7)), away);
        assertEquals(0, told);
    }

    @Test
    void given_a_listener_who_came_back_when_granted_then_it_is_told() {
        var listener = new Listener();
        waiters.join(listener);
        waiters.desert(listener);
        waiters.join(new Listener());
        grant();
        assertEquals(List.of(), away);
        assertEquals(1, told);
    }

    @ParameterizedTest
    @CsvSource({"10, 0, 10", "10, 4, 6", "10, 9, 1", "10, 600, 1", "0.2, 0, 0.2", "0.2, 5, 0.2"})
    void given_a_time_away_when_granted_then_the_rest_of_the_claim_is_left(
            double claim, double away, double left) {
        assertEquals(seconds(left), WebServer.left(seconds(claim), seconds(away)));
    }

    private static Duration seconds(double seconds) {
        return Duration.ofMillis((long) (seconds * 1000));
    }
}
