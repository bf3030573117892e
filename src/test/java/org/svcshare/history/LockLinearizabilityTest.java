package org.svcshare.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.history.LockEvent.Kind;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LockLinearizabilityTest {
    private static LockEvent got(String who, long fence, long begin, long end) {
        return new LockEvent(who, Kind.ACQUIRED, fence, begin, end);
    }

    private static LockEvent event(String who, Kind kind, long begin, long end) {
        return new LockEvent(who, kind, 0, begin, end);
    }

    private static void explained(LockEvent... history) {
        assertEquals(Optional.empty(), LockLinearizability.check(List.of(history)));
    }

    private static void notExplained(LockEvent... history) {
        assertTrue(LockLinearizability.check(List.of(history)).isPresent());
    }

    @Test
    void given_one_after_the_other_then_explained() {
        explained(
                got("a", 1, 0, 1),
                event("a", Kind.RELEASED, 2, 3),
                got("b", 2, 4, 5),
                event("b", Kind.RELEASED, 6, 7));
    }

    @Test
    void given_a_waiter_asked_long_before_the_release_then_explained() {
        explained(got("a", 1, 0, 1), got("b", 2, 1, 9), event("a", Kind.RELEASED, 5, 6));
    }

    @Test
    void given_two_holders_at_one_time_then_not() {
        notExplained(got("a", 1, 0, 1), got("b", 2, 2, 3), event("a", Kind.RELEASED, 4, 5));
    }

    @Test
    void given_a_token_that_does_not_grow_then_not() {
        notExplained(got("a", 2, 0, 1), event("a", Kind.RELEASED, 2, 3), got("b", 1, 4, 5));
        notExplained(got("a", 2, 0, 1), event("a", Kind.RELEASED, 2, 3), got("b", 2, 4, 5));
    }

    @Test
    void given_busy_while_nobody_has_it_then_not() {
        notExplained(
                got("a", 1, 0, 1), event("a", Kind.RELEASED, 2, 3), event("b", Kind.BUSY, 4, 5));
        explained(got("a", 1, 0, 1), event("a", Kind.RELEASED, 2, 6), event("b", Kind.BUSY, 4, 5));
    }

    @Test
    void given_an_answer_that_never_came_then_it_may_have_happened_or_not() {
        explained(event("a", Kind.PERHAPS_ACQUIRED, 0, Long.MAX_VALUE), got("b", 1, 5, 6));
        explained(
                event("a", Kind.PERHAPS_ACQUIRED, 0, Long.MAX_VALUE), event("b", Kind.BUSY, 5, 6));
        explained(
                got("a", 1, 0, 1),
                event("a", Kind.PERHAPS_RELEASED, 2, Long.MAX_VALUE),
                got("b", 2, 5, 6));
        notExplained(
                got("a", 1, 0, 1),
                event("a", Kind.PERHAPS_RELEASED, 7, Long.MAX_VALUE),
                got("b", 2, 5, 6));
    }

    @Test
    void given_a_lease_then_it_may_end_after_its_time_and_not_before() {
        explained(
                got("a", 1, 0, 1),
                event("a", Kind.PERHAPS_EXPIRED, 10, Long.MAX_VALUE),
                got("b", 2, 3, 12));
        notExplained(
                got("a", 1, 0, 1),
                event("a", Kind.PERHAPS_EXPIRED, 10, Long.MAX_VALUE),
                got("b", 2, 3, 9));
    }
}
