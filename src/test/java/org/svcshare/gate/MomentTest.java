package org.svcshare.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MomentTest {
    /// The monotonic clock starts anywhere, also where it overflows soon.
    private static final Moment START = new Moment(Long.MAX_VALUE - 5, 1_800_000_000_000L);

    private static final Moment END = START.plus(Duration.ofSeconds(13));

    /// So long after the start on one clock and on the other.
    private static Moment later(long monotonicMillis, long wallMillis) {
        return new Moment(
                START.nanos() + TimeUnit.MILLISECONDS.toNanos(monotonicMillis),
                START.wallMillis() + wallMillis);
    }

    @Test
    void given_clocks_that_agree_then_it_is_reached_when_its_time_has_come() {
        assertFalse(END.reachedAt(START));
        assertFalse(END.reachedAt(later(12_999, 12_999)));
        assertTrue(END.reachedAt(later(13_000, 13_000)));
        assertTrue(END.reachedAt(later(60_000, 60_000)));
    }

    @Test
    void given_a_machine_that_slept_when_its_monotonic_clock_stood_still_then_it_is_reached() {
        assertTrue(END.reachedAt(later(1_000, 20_000)));
        assertTrue(END.reachedAt(later(1_000, 1_251)));
    }

    @Test
    void given_a_wall_clock_that_was_set_then_it_is_reached_because_nobody_knows() {
        assertTrue(END.reachedAt(later(1_000, -3_600_000)));
        assertTrue(END.reachedAt(later(1_000, 3_600_000)));
    }

    @Test
    void given_clocks_that_are_a_little_apart_then_the_monotonic_one_decides() {
        assertFalse(END.reachedAt(later(12_900, 13_100)));
        assertFalse(END.reachedAt(later(12_900, 12_700)));
        assertTrue(END.reachedAt(later(13_000, 12_800)));
    }

    @Test
    void given_two_moments_then_the_time_between_them_is_that_of_the_monotonic_clock() {
        assertEquals(Duration.ofSeconds(13), END.from(START));
        assertEquals(Duration.ofSeconds(-47), END.from(later(60_000, 0)));
    }

    @Test
    void given_now_then_it_is_reached_and_the_next_minute_is_not() {
        assertTrue(Moment.now().reached());
        assertFalse(Moment.now().plus(Duration.ofMinutes(1)).reached());
    }
}
