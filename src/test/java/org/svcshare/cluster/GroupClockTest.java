package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class GroupClockTest {
    private final AtomicLong wallMs = new AtomicLong(1_000_000);
    private final AtomicLong nanos = new AtomicLong(-5);
    private final GroupClock clock =
            new GroupClock(() -> Instant.ofEpochMilli(wallMs.get()), nanos::get);

    private void pass(long ms) {
        nanos.addAndGet(ms * 1_000_000);
    }

    @Test
    void given_a_stamp_then_it_goes_on_from_there_by_the_steady_clock() {
        clock.heard(5_000);
        pass(30);

        assertEquals(5_030, clock.nowMs());
    }

    @Test
    void given_an_older_stamp_then_it_does_not_go_back() {
        clock.heard(5_000);
        pass(30);
        clock.heard(5_010);

        assertEquals(5_030, clock.nowMs());
    }

    @Test
    void given_a_wall_clock_that_is_set_then_only_following_it_moves_the_time() {
        clock.heard(5_000);
        wallMs.set(900_000_000);
        pass(1);
        assertEquals(5_001, clock.nowMs());

        clock.follow();
        assertEquals(900_000_000, clock.nowMs());

        wallMs.set(7);
        clock.follow();
        assertEquals(900_000_000, clock.nowMs());
    }
}
