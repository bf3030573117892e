package org.svcshare.lock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.svcshare.lock.LockEffect.Call;
import org.svcshare.lock.LockEffect.Callbacks;
import org.svcshare.lock.NamedLock.Reason;
import org.svcshare.lock.NamedLock.State;

/// What a lock object does, event by event, on a clock that stands still in between.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class LockCourseTest {
    private static final LockTimes TIMES =
            new LockTimes(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(4));
    private static final Duration WITHDRAWAL = Duration.ofSeconds(2);

    private LockCourse course = new LockCourse(false);
    private long now = 1_000;

    private List<LockEffect> on(LockEvent event) {
        return course.on(event, now);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private List<LockEffect> lock() {
        return on(new LockEvent.Lock(TIMES, false));
    }

    private HeldLock held(long askedNanos, Duration lasts) {
        return new HeldLock(LockId.draw(), "p", 7, 9, lasts, askedNanos, Instant.EPOCH);
    }

    private List<LockEffect> obtain() {
        lock();
        return on(new LockEvent.Granted(1, held(now, TIMES.duration())));
    }

    private static Call call(Callbacks which) {
        return new Call(1, which);
    }

    private List<LockEffect> returned(Callbacks which) {
        return on(new LockEvent.Returned(1, which));
    }

    private void is(State state, Reason reason) {
        assertEquals(state, course.state());
        assertEquals(reason, course.reason());
    }

    @Test
    void given_a_free_lock_when_locked_held_and_given_back_then_each_is_told_once() {
        assertEquals(List.of(new LockEffect.Acquire(1, TIMES.obtention(), TIMES)), lock());
        is(State.LOCKING, Reason.NONE);
        HeldLock grant = held(now, TIMES.duration());
        assertEquals(List.of(call(Callbacks.OBTAINED)), on(new LockEvent.Granted(1, grant)));
        is(State.LOCKED, Reason.NONE);
        assertEquals(grant, course.held());
        assertEquals(List.of(), returned(Callbacks.OBTAINED));

        assertEquals(
                List.of(new LockEffect.Release(1, TIMES.unlockGrace())),
                on(new LockEvent.Unlock()));
        is(State.UNLOCKING, Reason.NONE);
        assertEquals(List.of(call(Callbacks.FINALLY)), on(new LockEvent.Released(1)));
        is(State.IDLE, Reason.NONE);
        assertEquals(OptionalLong.empty(), course.dueNanos());
    }

    @Test
    void given_simple_mode_when_the_obtained_callbacks_return_then_it_is_given_back() {
        course = new LockCourse(true);
        obtain();

        assertEquals(
                List.of(new LockEffect.Release(1, TIMES.unlockGrace())),
                returned(Callbacks.OBTAINED));
        assertEquals(List.of(call(Callbacks.FINALLY)), on(new LockEvent.Released(1)));
    }

    @Test
    void given_a_busy_lock_when_locked_again_then_that_is_a_mistake_of_the_shell() {
        lock();

        assertThrows(IllegalStateException.class, this::lock);
    }

    @Test
    void given_nobody_who_answers_when_the_obtention_is_over_then_it_failed_by_our_clock() {
        lock();
        pass(TIMES.obtention());

        assertEquals(
                List.of(call(Callbacks.FAILED), new LockEffect.GiveUp(1, WITHDRAWAL)),
                on(new LockEvent.TimePassed()));
        is(State.FAILED, Reason.LOCAL_TIMEOUT);
        assertEquals(List.of(), returned(Callbacks.FAILED));
        assertEquals(List.of(call(Callbacks.FINALLY)), on(new LockEvent.GivenUp(1, false, "")));
        is(State.IDLE, Reason.LOCAL_TIMEOUT);
    }

    @Test
    void given_a_question_that_never_ends_when_its_withdrawal_is_over_then_the_end_comes_without() {
        lock();
        pass(TIMES.obtention());
        on(new LockEvent.TimePassed());
        returned(Callbacks.FAILED);
        pass(WITHDRAWAL);

        assertEquals(List.of(call(Callbacks.FINALLY)), on(new LockEvent.TimePassed()));
        assertEquals(List.of(), on(new LockEvent.Granted(1, held(now, TIMES.duration()))));
        is(State.IDLE, Reason.LOCAL_TIMEOUT);
    }

    @ParameterizedTest
    @CsvSource({
        "TIMED_OUT, REMOTE_TIMEOUT",
        "TOO_MANY_WAITERS, TOO_MANY_WAITERS",
        "TOO_MANY_TICKETS, TOO_MANY_WAITERS",
        "NOT_ALLOWED, NOT_ALLOWED",
        "UNAUTHORIZED, NOT_ALLOWED",
        "FORBIDDEN, NOT_ALLOWED",
        "UNKNOWN_POOL, INVALID",
        "INVALID, INVALID",
        "OTHER, INVALID",
        "FORCED, TAKEN_AWAY"
    })
    void given_a_no_when_it_comes_then_failed_and_finally_are_called(Why why, Reason reason) {
        lock();

        assertEquals(List.of(call(Callbacks.FAILED)), on(new LockEvent.Refused(1, why, "words")));
        is(State.FAILED, reason);
        assertEquals("words", course.detail());
        assertEquals(List.of(call(Callbacks.FINALLY)), returned(Callbacks.FAILED));
    }

    @Test
    void given_a_place_in_line_that_was_lost_when_there_is_time_then_it_is_asked_for_anew() {
        lock();
        pass(Duration.ofSeconds(2));

        assertEquals(
                List.of(new LockEffect.Acquire(1, Duration.ofSeconds(3), TIMES)),
                on(new LockEvent.Refused(1, Why.UNKNOWN_TICKET, "forgotten")));
        is(State.LOCKING, Reason.NONE);
        // Not in a storm.
        assertEquals(
                List.of(call(Callbacks.FAILED)),
                on(new LockEvent.Refused(1, Why.UNKNOWN_TICKET, "forgotten")));
        is(State.FAILED, Reason.TAKEN_AWAY);
    }

    @Test
    void given_no_server_when_asked_then_it_ends_at_once_and_what_was_perhaps_done_is_taken_back() {
        lock();
        assertEquals(
                List.of(call(Callbacks.FAILED)),
                on(new LockEvent.NoAnswer(1, false, "Connection refused")));
        is(State.FAILED, Reason.TRANSMISSION_ERROR);
        assertEquals(List.of(call(Callbacks.FINALLY)), returned(Callbacks.FAILED));

        lock();
        assertEquals(
                List.of(
                        new Call(2, Callbacks.FAILED),
                        new LockEffect.Release(2, TIMES.unlockGrace())),
                on(new LockEvent.NoAnswer(2, true, "no answer in time")));
    }

    @Test
    void given_somebody_who_waits_when_unlocked_then_only_finally_is_called() {
        lock();

        assertEquals(
                List.of(new LockEffect.GiveUp(1, TIMES.unlockGrace())), on(new LockEvent.Unlock()));
        is(State.UNLOCKING, Reason.NONE);
        assertEquals(List.of(call(Callbacks.FINALLY)), on(new LockEvent.GivenUp(1, true, "")));
        is(State.IDLE, Reason.NONE);
    }

    @Test
    void given_a_grant_that_crosses_the_cancelling_when_it_comes_then_it_is_given_back() {
        lock();
        on(new LockEvent.Unlock());

        assertEquals(
                List.of(new LockEffect.Release(1, TIMES.unlockGrace())),
                on(new LockEvent.Granted(1, held(now, TIMES.duration()))));
        assertEquals(List.of(call(Callbacks.FINALLY)), on(new LockEvent.Released(1)));
    }

    @Test
    void given_a_grant_that_is_too_old_when_it_comes_then_it_was_never_obtained() {
        lock();
        long asked = now;
        pass(Duration.ofSeconds(4));

        assertEquals(
                List.of(call(Callbacks.FAILED), new LockEffect.Release(1, TIMES.unlockGrace())),
                on(new LockEvent.Granted(1, held(asked, Duration.ofSeconds(4)))));
        is(State.FAILED, Reason.LOCAL_TIMEOUT);
    }

    @Test
    void given_a_holder_when_its_time_is_over_then_it_is_told_and_given_back_when_it_stopped() {
        long asked = now;
        obtain();
        returned(Callbacks.OBTAINED);
        on(new LockEvent.Seen(1, held(asked, TIMES.duration())));
        pass(TIMES.duration());

        assertEquals(List.of(call(Callbacks.TIME_OVER)), on(new LockEvent.TimePassed()));
        is(State.UNLOCKING, Reason.LOCAL_TIMEOUT);
        assertEquals(OptionalLong.of(now + TIMES.unlockGrace().toNanos()), course.dueNanos());
        pass(Duration.ofSeconds(3));
        assertEquals(
                List.of(new LockEffect.Release(1, TIMES.unlockGrace())),
                returned(Callbacks.TIME_OVER));
        assertEquals(List.of(call(Callbacks.FINALLY)), on(new LockEvent.Released(1)));
        is(State.IDLE, Reason.NONE);
    }

    @Test
    void
            given_work_in_simple_mode_when_its_time_is_over_then_it_is_given_back_when_both_returned() {
        course = new LockCourse(true);
        obtain();
        pass(TIMES.duration());
        on(new LockEvent.TimePassed());

        assertEquals(List.of(), returned(Callbacks.TIME_OVER));
        assertEquals(
                List.of(new LockEffect.Release(1, TIMES.unlockGrace())),
                returned(Callbacks.OBTAINED));
    }

    @Test
    void given_a_holder_that_does_not_stop_when_the_grace_is_over_then_it_is_told_again() {
        obtain();
        pass(TIMES.duration());
        on(new LockEvent.TimePassed());
        pass(TIMES.unlockGrace());

        assertEquals(
                List.of(call(Callbacks.FAILED), new LockEffect.Release(1, TIMES.unlockGrace())),
                on(new LockEvent.TimePassed()));
        is(State.FAILED, Reason.REMOTE_TIMEOUT);
        assertEquals(List.of(), on(new LockEvent.Gone(1, Why.EXPIRED, "")));
        assertEquals(List.of(), returned(Callbacks.FAILED));
        assertEquals(List.of(), returned(Callbacks.OBTAINED));
        assertEquals(List.of(call(Callbacks.FINALLY)), returned(Callbacks.TIME_OVER));
    }

    @Test
    void given_a_process_that_was_stopped_for_long_when_it_wakes_then_all_is_told_at_once() {
        obtain();
        pass(Duration.ofHours(1));

        assertEquals(
                List.of(
                        call(Callbacks.TIME_OVER),
                        call(Callbacks.FAILED),
                        new LockEffect.Release(1, TIMES.unlockGrace())),
                on(new LockEvent.TimePassed()));
    }

    @Test
    void given_a_holder_in_the_grace_when_it_unlocks_then_it_is_given_back_at_once() {
        obtain();
        pass(TIMES.duration());
        on(new LockEvent.TimePassed());

        assertEquals(
                List.of(new LockEffect.Release(1, TIMES.unlockGrace())),
                on(new LockEvent.Unlock()));
        assertEquals(List.of(), on(new LockEvent.Unlock()));
    }

    @Test
    void given_a_release_that_nobody_confirms_when_the_grace_is_over_then_it_failed() {
        obtain();
        returned(Callbacks.OBTAINED);
        on(new LockEvent.Unlock());
        pass(TIMES.unlockGrace());

        assertEquals(List.of(call(Callbacks.FAILED)), on(new LockEvent.TimePassed()));
        is(State.FAILED, Reason.LOCAL_TIMEOUT);
        assertEquals(List.of(call(Callbacks.FINALLY)), returned(Callbacks.FAILED));
    }

    @Test
    void given_a_lock_that_is_kept_alive_when_renewed_then_its_time_is_not_over() {
        on(new LockEvent.Lock(TIMES, true));
        on(new LockEvent.Granted(1, held(now, TIMES.duration())));
        pass(Duration.ofSeconds(10));

        assertEquals(List.of(new LockEffect.Look(1, true)), on(new LockEvent.TimePassed()));
        assertEquals(List.of(), on(new LockEvent.TimePassed()));
        on(new LockEvent.NotSeen(1));
        pass(Duration.ofSeconds(1));
        assertEquals(List.of(new LockEffect.Look(1, true)), on(new LockEvent.TimePassed()));
        on(new LockEvent.Seen(1, held(now, TIMES.duration())));
        pass(Duration.ofSeconds(25));

        on(new LockEvent.TimePassed());
        is(State.LOCKED, Reason.NONE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Why.class,
            names = {"FORCED", "RELEASED", "NOT_OWNER", "UNKNOWN_TICKET"})
    void given_a_holder_when_somebody_took_it_away_then_it_is_told(Why why) {
        obtain();
        returned(Callbacks.OBTAINED);
        pass(Duration.ofSeconds(10));
        assertEquals(List.of(new LockEffect.Look(1, false)), on(new LockEvent.TimePassed()));

        assertEquals(List.of(call(Callbacks.FAILED)), on(new LockEvent.Lost(1, why, "words")));
        is(State.FAILED, Reason.TAKEN_AWAY);
        assertEquals(List.of(call(Callbacks.FINALLY)), returned(Callbacks.FAILED));
    }

    @Test
    void given_a_lock_that_is_given_back_when_it_was_not_ours_any_more_then_it_failed() {
        obtain();
        returned(Callbacks.OBTAINED);
        on(new LockEvent.Unlock());

        assertEquals(List.of(call(Callbacks.FAILED)), on(new LockEvent.Gone(1, Why.FORCED, "")));
        is(State.FAILED, Reason.TAKEN_AWAY);
    }

    @Test
    void given_the_end_of_the_program_when_abandoned_then_finally_comes_without_the_servers() {
        obtain();
        on(new LockEvent.Unlock());

        assertEquals(List.of(call(Callbacks.FAILED)), on(new LockEvent.Abandoned()));
        assertEquals(List.of(), returned(Callbacks.OBTAINED));
        assertEquals(List.of(call(Callbacks.FINALLY)), returned(Callbacks.FAILED));
        assertEquals(List.of(), on(new LockEvent.Abandoned()));
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, PT3S, PT3S, PT3S",
        "PT2.9S, PT3S, PT3S, PT3S",
        "PT4S, PT4S, PT4S, PT4S",
        "P3D, PT1H, P3D, P3D",
        "P8D, PT1H, P7D, P7D",
        "PT-1S, PT5S, PT5S, PT5S"
    })
    void given_times_when_out_of_bounds_then_the_bound_counts(
            Duration time, Duration obtention, Duration duration, Duration grace) {
        assertEquals(
                new LockTimes(obtention, duration, grace),
                new LockTimes(time, time, time).over(LockTimes.usual()));
    }
}
