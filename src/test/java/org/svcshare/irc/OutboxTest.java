package org.svcshare.irc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.irc.Outbox.Urgency;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OutboxTest {
    private static final long SECOND = 1_000_000_000L;

    private final Outbox outbox = new Outbox(2, Duration.ofSeconds(1), 0);

    @Test
    void given_a_burst_when_it_is_used_up_then_one_line_per_interval() {
        for (int i = 0; i < 5; i++) {
            outbox.add(Urgency.ANSWER, "line " + i, 0);
        }

        assertEquals("line 0", outbox.next(0));
        assertEquals("line 1", outbox.next(0));
        assertNull(outbox.next(0));
        assertEquals(SECOND, outbox.waitNanos(0));
        assertEquals("line 2", outbox.next(SECOND));
        assertNull(outbox.next(SECOND));
    }

    @Test
    void given_lines_of_each_urgency_then_the_urgent_go_first_and_pongs_at_once() {
        outbox.add(Urgency.CHATTER, "chatter", 0);
        outbox.add(Urgency.ANSWER, "answer", 0);
        outbox.add(Urgency.ELECTION, "vote", 0);
        outbox.add(Urgency.NOW, "PONG 1", 0);
        outbox.add(Urgency.NOW, "PONG 2", 0);
        outbox.add(Urgency.NOW, "PONG 3", 0);

        assertEquals("PONG 1", outbox.next(0));
        assertEquals("PONG 2", outbox.next(0));
        assertEquals("PONG 3", outbox.next(0));
        assertNull(outbox.next(0));
        assertEquals("vote", outbox.next(SECOND));
        assertEquals("answer", outbox.next(2 * SECOND));
        assertEquals("chatter", outbox.next(3 * SECOND));
        assertEquals(Long.MAX_VALUE, outbox.waitNanos(3 * SECOND));
    }

    @Test
    void given_a_full_box_when_more_comes_then_the_oldest_chatter_makes_room() {
        for (int i = 0; i < Outbox.MAX_WAITING; i++) {
            outbox.add(Urgency.CHATTER, "chatter " + i, 0);
        }

        assertTrue(outbox.add(Urgency.ELECTION, "vote", 0));

        assertEquals(Outbox.MAX_WAITING, outbox.size());
        assertEquals(1, outbox.dropped());
        assertEquals("vote", outbox.next(0));
        assertEquals("chatter 1", outbox.next(0));
    }

    @Test
    void given_a_box_full_of_votes_when_chatter_comes_then_the_chatter_is_dropped() {
        for (int i = 0; i < Outbox.MAX_WAITING; i++) {
            outbox.add(Urgency.ELECTION, "vote " + i, 0);
        }

        assertFalse(outbox.add(Urgency.CHATTER, "chatter", 0));
    }

    @Test
    void given_the_same_chatter_again_and_again_then_muted_for_a_minute() {
        assertTrue(outbox.add(Urgency.CHATTER, "same", 0));
        assertTrue(outbox.add(Urgency.CHATTER, "same", 0));
        assertTrue(outbox.add(Urgency.CHATTER, "same", 0));
        assertFalse(outbox.add(Urgency.CHATTER, "same", SECOND));
        assertTrue(outbox.add(Urgency.ANSWER, "same", SECOND));
        assertTrue(outbox.add(Urgency.CHATTER, "same", 62 * SECOND));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\nb", "a\rb", "a\0b"})
    void given_what_is_not_one_line_then_refused(String line) {
        assertThrows(IllegalArgumentException.class, () -> outbox.add(Urgency.NOW, line, 0));
    }

    @Test
    void given_more_lines_than_may_go_at_once_then_each_that_waited_is_counted_once() {
        var box = new Outbox(2, Duration.ofSeconds(1), 0);
        for (int i = 0; i < 5; i++) {
            box.add(Outbox.Urgency.ANSWER, "line " + i, 0);
        }
        for (int i = 0; i < 2; i++) {
            assertEquals("line " + i, box.next(0));
        }
        assertEquals(0, box.throttled());
        assertNull(box.next(0));
        assertNull(box.next(1));
        assertEquals(3, box.throttled());
        assertEquals("line 2", box.next(1_000_000_000));
        assertNull(box.next(1_000_000_001));
        assertEquals(3, box.throttled());
        box.add(Outbox.Urgency.ANSWER, "line 5", 1_000_000_002);
        assertNull(box.next(1_000_000_003));
        assertEquals(4, box.throttled());
    }
}
