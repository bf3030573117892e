package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LineThrottleTest {
    private static final Instant T0 = Instant.EPOCH;
    private static final Frame LINE = new Frame.Line("x");

    private static int due(LineThrottle throttle, Instant now) {
        int count = 0;
        while (throttle.poll(now).isPresent()) {
            count++;
        }
        return count;
    }

    private static LineThrottle filled(int burst, Duration interval) {
        var throttle = new LineThrottle(burst, interval, T0);
        for (int i = 0; i < 20; i++) {
            assertTrue(throttle.offer(LINE));
        }
        return throttle;
    }

    @Test
    void given_a_burst_then_that_many_go_at_once_and_then_one_per_interval() {
        var throttle = filled(4, Duration.ofSeconds(1));
        assertEquals(4, due(throttle, T0));
        assertEquals(Duration.ofSeconds(1), throttle.wait(T0));
        assertEquals(0, due(throttle, T0.plusMillis(999)));
        assertEquals(1, due(throttle, T0.plusSeconds(1)));
        assertEquals(2, due(throttle, T0.plusSeconds(3)));
    }

    @Test
    void given_a_halfpause_then_no_more_than_the_burst_is_saved_up() {
        var throttle = filled(4, Duration.ofSeconds(1));
        assertEquals(4, due(throttle, T0));
        assertEquals(4, due(throttle, T0.plusSeconds(3600)));
    }

    @Test
    void given_a_clock_set_back_then_the_wait_is_at_most_one_interval() {
        var throttle = filled(4, Duration.ofSeconds(1));
        assertEquals(4, due(throttle, T0));
        Instant past = T0.minusSeconds(86400);
        assertEquals(Duration.ofSeconds(1), throttle.wait(past));
        assertEquals(1, due(throttle, past.plusSeconds(1)));
    }

    @Test
    void given_no_interval_then_nothing_waits() {
        assertEquals(20, due(filled(1, Duration.ZERO), T0));
    }

    @Test
    void given_too_many_lines_then_the_next_does_not_fit() {
        var throttle = new LineThrottle(1, Duration.ofSeconds(1), T0);
        for (int i = 0; i < LineThrottle.MOST_LINES; i++) {
            assertTrue(throttle.offer(LINE));
        }
        assertFalse(throttle.offer(LINE));
    }

    @Test
    void given_too_many_bytes_then_the_next_does_not_fit() {
        var throttle = new LineThrottle(1, Duration.ofSeconds(1), T0);
        var half = new Frame.Line("x".repeat(LineThrottle.MOST_BYTES / 2));
        assertTrue(throttle.offer(half));
        assertTrue(throttle.offer(half));
        assertFalse(throttle.offer(LINE));
    }
}
