package org.svcshare.bot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.bot.Lock.Answer;
import org.svcshare.gate.Moment;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.turn.TurnEvent;

/// The keeper of one lease, with a clock and a lock that the test moves by hand.
@DisplayNameGeneration(ReplaceUnderscores.class)
class LeaseKeeperTest {
    private static final Duration LEASE = Duration.ofSeconds(15);

    /// A tenth and a quarter of a second less.
    private static final Duration GOOD = Duration.ofMillis(13_250);

    private final List<TurnEvent> events = new ArrayList<>();
    private final List<Moment> extended = new ArrayList<>();
    private final Asked lock = new Asked();
    private Moment now = new Moment(-5, 1_800_000_000_000L);
    private long lastId;
    private final LeaseKeeper keeper =
            new LeaseKeeper(
                    new Guard(lock, LEASE),
                    Runnable::run,
                    () -> now,
                    () -> new RequestId(0, ++lastId),
                    new LeaseKeeper.Listener() {
                        @Override
                        public void happened(TurnEvent event) {
                            events.add(event);
                        }

                        @Override
                        public void extended(Moment until) {
                            extended.add(until);
                        }
                    });

    @Test
    void given_the_lock_when_it_is_granted_then_only_a_renewal_says_until_when() {
        keeper.acquire(7, "ss-anna");
        pass(2000);
        lock.answers("acquire 1", new Answer.Held(42));
        assertEquals(List.of(), events);
        Moment sent = now;
        pass(3000);

        lock.answers("renew 1", new Answer.Held(42));

        assertEquals(List.of(new TurnEvent.GuardGranted(7, 42)), events);
        assertEquals(Optional.of(sent.plus(GOOD)), keeper.until());
    }

    @Test
    void given_a_lease_when_it_is_renewed_then_it_counts_from_before_the_question() {
        held();
        pass(5000);
        Moment sent = now;
        pass(4000);

        lock.answers("renew 1", new Answer.Held(42));

        assertEquals(List.of(sent.plus(GOOD)), extended);
        assertEquals(Optional.of(sent.plus(GOOD)), keeper.until());
    }

    @Test
    void given_answers_that_overtake_each_other_then_the_later_end_counts() {
        held();
        pass(5000);
        Moment first = now;
        pass(5000);
        Moment second = now;
        assertEquals(List.of("renew 1", "renew 1"), lock.waiting());

        lock.answersLast("renew 1", new Answer.Held(42));
        lock.answers("renew 1", new Answer.Held(42));

        assertNotEquals(first, second);
        assertEquals(Optional.of(second.plus(GOOD)), keeper.until());
        assertEquals(List.of(second.plus(GOOD)), extended);
    }

    @Test
    void given_a_service_that_does_not_answer_when_the_lease_is_over_then_it_is_lost_in_time() {
        held();
        pass(13_249);
        assertEquals(List.of(), events);

        pass(1);

        assertEquals(
                List.of(new TurnEvent.GuardLost(7, "it could not be renewed in time")), events);
        assertEquals(Optional.empty(), keeper.until());
    }

    @Test
    void given_a_renewal_that_fails_then_it_is_tried_again_soon() {
        held();
        pass(5000);
        lock.answers("renew 1", new Answer.Failed("refused"));
        assertEquals(List.of(), lock.waiting());

        pass(1000);

        assertEquals(List.of("renew 1"), lock.waiting());
        assertEquals(List.of(), events);
    }

    @Test
    void given_a_renewal_that_is_refused_then_the_lease_is_lost_at_once() {
        held();
        pass(5000);

        lock.answers("renew 1", new Answer.Refused(Refusal.FORCED));

        assertEquals(List.of(new TurnEvent.GuardLost(7, "it was taken away")), events);
    }

    @Test
    void given_a_machine_that_slept_when_it_wakes_then_the_lease_is_lost_whatever_is_answered() {
        held();
        pass(5000);
        now = new Moment(now.nanos(), now.wallMillis() + 3_600_000);

        lock.answers("renew 1", new Answer.Held(42));

        assertEquals(
                List.of(new TurnEvent.GuardLost(7, "it could not be renewed in time")), events);
        assertEquals(List.of(), extended);
    }

    @Test
    void given_an_answer_that_took_too_long_when_confirming_then_it_is_asked_again() {
        keeper.acquire(7, "ss-anna");
        lock.answers("acquire 1", new Answer.Held(42));
        pass(14_000);

        lock.answers("renew 1", new Answer.Held(42));

        assertEquals(List.of(), events);
    }

    @Test
    void given_somebody_else_with_the_lock_then_it_is_said_and_asked_again() {
        keeper.acquire(7, "ss-anna");

        lock.answers("acquire 1", new Answer.Waits("ss-ben"));
        assertEquals(List.of(new TurnEvent.GuardAwaited(7, "held by ss-ben")), events);
        pass(1000);

        assertEquals(List.of("acquire 1"), lock.waiting());
    }

    @Test
    void given_a_ticket_that_ended_unheard_then_another_is_drawn() {
        keeper.acquire(7, "ss-anna");
        lock.answers("acquire 1", new Answer.Refused(Refusal.EXPIRED));
        pass(1000);

        assertEquals(List.of("acquire 2"), lock.waiting());
        assertEquals(List.of(), events);
    }

    @Test
    void given_no_such_pool_then_there_is_nothing_to_wait_for() {
        keeper.acquire(7, "ss-anna");

        lock.answers("acquire 1", new Answer.Refused(Refusal.UNKNOWN_POOL));

        assertEquals(List.of(new TurnEvent.GuardLost(7, "there is no such pool")), events);
        pass(60_000);
        assertEquals(List.of(), lock.waiting());
    }

    @Test
    void given_a_keeper_that_does_not_listen_to_us_then_there_is_nothing_to_wait_for() {
        keeper.acquire(7, "ss-anna");

        lock.answers("acquire 1", new Answer.Barred("it does not know the token"));

        assertEquals(List.of(new TurnEvent.GuardLost(7, "it does not know the token")), events);
        pass(60_000);
        assertEquals(List.of(), lock.waiting());
    }

    @Test
    void given_a_lease_when_its_keeper_does_not_listen_any_longer_then_it_is_ours_till_its_end() {
        held();
        pass(5000);
        lock.answers("renew 1", new Answer.Barred("it does not know the token"));
        assertEquals(List.of(), events);
        assertTrue(keeper.until().isPresent());

        pass(8250);

        assertEquals(
                List.of(
                        new TurnEvent.GuardLost(
                                7, "it could not be renewed in time: it does not know the token")),
                events);
    }

    @Test
    void given_a_service_that_is_away_then_it_is_said_why_and_given_up_after_two_leases() {
        keeper.acquire(7, "ss-anna");
        lock.answers("acquire 1", new Answer.Failed("refused"));
        assertEquals(List.of(), events);
        for (int i = 0; i < 6; i++) {
            pass(1000);
            lock.answers("acquire 1", new Answer.Failed("refused"));
        }
        assertTrue(
                events.contains(
                        new TurnEvent.GuardAwaited(7, "the lock service does not answer: refused")),
                events::toString);

        pass(30_000);

        assertEquals(
                new TurnEvent.GuardLost(7, "the lock service does not answer: refused"),
                events.getLast());
    }

    @Test
    void given_a_long_lease_when_it_waits_then_it_is_never_away_for_long() {
        var longKeeper =
                new LeaseKeeper(
                        new Guard(lock, Duration.ofMinutes(30)),
                        Runnable::run,
                        () -> now,
                        () -> new RequestId(0, ++lastId),
                        new LeaseKeeper.Listener() {
                            @Override
                            public void happened(TurnEvent event) {}

                            @Override
                            public void extended(Moment until) {}
                        });
        longKeeper.acquire(7, "ss-anna");
        lock.answers("acquire 1", new Answer.Waits("ss-ben"));

        assertEquals(Duration.ofSeconds(1), longKeeper.untilNext(Duration.ofHours(1)));
    }

    @Test
    void given_a_service_that_never_answers_then_the_turn_is_given_up_after_two_leases() {
        keeper.acquire(7, "ss-anna");
        pass(29_999);
        assertEquals(List.of(), events);

        pass(1);

        assertEquals(
                List.of(new TurnEvent.GuardLost(7, "the lock service does not answer")), events);
    }

    @Test
    void given_a_lease_when_it_is_given_back_then_that_is_said_until_it_is_heard() {
        held();
        keeper.release();
        assertEquals(Optional.empty(), keeper.until());
        lock.answers("release 1", new Answer.Failed("refused"));
        pass(1000);
        assertFalse(keeper.atRest());

        lock.answers("release 1", new Answer.GivenBack());

        assertTrue(keeper.atRest());
        pass(60_000);
        assertEquals(List.of(), lock.waiting());
        assertEquals(List.of(), events);
    }

    @Test
    void given_a_new_turn_then_late_answers_for_the_old_one_change_nothing() {
        keeper.acquire(7, "ss-anna");
        keeper.release();
        keeper.acquire(8, "ss-anna");

        lock.answers("acquire 1", new Answer.Held(41));
        assertEquals(List.of("release 1", "acquire 2"), lock.waiting());

        lock.answers("acquire 2", new Answer.Held(42));
        lock.answers("renew 2", new Answer.Held(42));
        assertEquals(List.of(new TurnEvent.GuardGranted(8, 42)), events);
    }

    @Test
    void given_a_gate_that_closed_by_itself_then_the_lease_counts_as_lost() {
        held();

        keeper.lapsed();

        assertEquals(
                List.of(new TurnEvent.GuardLost(7, "it could not be renewed in time")), events);
        keeper.lapsed();
        assertEquals(1, events.size());
    }

    private void held() {
        keeper.acquire(7, "ss-anna");
        lock.answers("acquire 1", new Answer.Held(42));
        lock.answers("renew 1", new Answer.Held(42));
        events.clear();
    }

    /// Lets time pass as a loop would: waking when the keeper wants to.
    private void pass(long millis) {
        Moment end = now.plus(Duration.ofMillis(millis));
        while (true) {
            Duration left = end.from(now);
            Duration step = keeper.untilNext(left);
            now = now.plus(step);
            keeper.onTime();
            if (step.equals(left)) {
                return;
            }
        }
    }

    /// Keeps the questions until the test answers them.
    private static final class Asked implements Lock {
        private final List<String> questions = new ArrayList<>();
        private final List<Consumer<Answer>> answers = new ArrayList<>();

        List<String> waiting() {
            return List.copyOf(questions);
        }

        void answers(String question, Answer answer) {
            give(questions.indexOf(question), question, answer);
        }

        void answersLast(String question, Answer answer) {
            give(questions.lastIndexOf(question), question, answer);
        }

        private void give(int index, String question, Answer answer) {
            assertTrue(index >= 0, question + " in " + questions);
            questions.remove(index);
            answers.remove(index).accept(answer);
        }

        private void asks(String what, RequestId id, Consumer<Answer> then) {
            questions.add(what + " " + id.low());
            answers.add(then);
        }

        @Override
        public void acquire(RequestId id, Wanted wanted, Duration patience, Consumer<Answer> then) {
            asks("acquire", id, then);
        }

        @Override
        public void renew(RequestId id, Duration lease, Consumer<Answer> then) {
            asks("renew", id, then);
        }

        @Override
        public void release(RequestId id, Consumer<Answer> then) {
            asks("release", id, then);
        }
    }
}
