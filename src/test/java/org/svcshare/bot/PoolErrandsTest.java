package org.svcshare.bot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.RequestId;
import org.svcshare.turn.Asker;
import org.svcshare.turn.PoolCall;
import org.svcshare.turn.PoolNews;
import org.svcshare.turn.PoolWish;
import org.svcshare.turn.TurnEvent;

/// What people in the channel do with the pools, on a real lock table with a clock of the test's.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PoolErrandsTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Asker BEN = new Asker("ben", false);
    private static final Asker ZOE = new Asker("zoe", false);
    private static final Duration HALF_AN_HOUR = Duration.ofMinutes(30);

    private final List<TurnEvent> events = new ArrayList<>();
    private final List<Runnable> steps = new ArrayList<>();
    private Instant now = NOON;

    /// The table's time before the wall's.
    private Duration ahead = Duration.ZERO;

    private final TestEngine table = new TestEngine("bench", () -> now.plus(ahead).toEpochMilli());
    private Optional<PoolEngine> engine = Optional.of(table);
    private long lastId;
    private final PoolErrands errands =
            new PoolErrands(
                    () -> engine,
                    steps::add,
                    () -> now,
                    () -> new RequestId(0, ++lastId),
                    events::add);

    @Test
    void given_a_free_pool_when_locked_then_it_is_the_askers_for_so_long() {
        assertEquals(new PoolNews.Yours("bench", NOON.plus(HALF_AN_HOUR)), ask(BEN, take("demo")));
        assertEquals("ben", table.holder());
        assertEquals(
                new PoolNews.Seen("bench", List.of(ticket("ben", "demo", true))),
                ask(ZOE, new PoolWish.Look("bench")));
    }

    @Test
    void given_a_taken_pool_when_it_is_given_back_then_the_next_is_called() {
        ask(BEN, take("demo"));
        assertEquals(
                new PoolNews.Waits("bench", ticket("ben", "demo", true), 1), ask(ZOE, take("")));
        pass(Duration.ofMinutes(10));

        ask(BEN, new PoolWish.GiveBack("bench"));

        assertEquals(
                List.of(
                        new TurnEvent.PoolCalled(
                                "zoe", new PoolCall.YourTurn("bench", now.plus(HALF_AN_HOUR))),
                        new TurnEvent.PoolsAnswered(BEN, new PoolNews.Free("bench", "ben"))),
                events);
    }

    @Test
    void given_a_table_ahead_of_the_wall_clock_then_its_time_counts_and_the_walls_is_told() {
        ahead = Duration.ofMinutes(20);
        assertEquals(new PoolNews.Yours("bench", NOON.plus(HALF_AN_HOUR)), ask(BEN, take("")));
        assertEquals(
                new PoolNews.Seen("bench", List.of(ticket("ben", "", true))),
                ask(ZOE, new PoolWish.Look("bench")));
        pass(Duration.ofMinutes(28).minusMillis(1));
        assertEquals(List.of(), events);

        // The wall's clock is set an hour ahead, which shortens no lease.
        ahead = ahead.minusHours(1);
        now = now.plus(Duration.ofHours(1));
        errands.onTime();
        assertEquals(Duration.ofMillis(1), errands.untilNext(Duration.ofHours(2)));
        assertEquals(List.of(), events);
        pass(Duration.ofMillis(1));

        assertEquals(
                List.of(
                        new TurnEvent.PoolCalled(
                                "ben",
                                new PoolCall.EndsSoon(
                                        "bench", NOON.plus(HALF_AN_HOUR).plusSeconds(3_600)))),
                events);
    }

    @Test
    void given_a_lock_when_its_end_is_near_then_its_owner_is_told_once_and_then_that_it_is_over() {
        ask(BEN, take(""));
        pass(Duration.ofMinutes(28).minusMillis(1));
        assertEquals(List.of(), events);
        pass(Duration.ofMillis(1));
        assertEquals(
                List.of(
                        new TurnEvent.PoolCalled(
                                "ben", new PoolCall.EndsSoon("bench", NOON.plus(HALF_AN_HOUR)))),
                events);
        events.clear();

        pass(Duration.ofMinutes(3));

        assertEquals(
                List.of(new TurnEvent.PoolCalled("ben", new PoolCall.Over("bench", false))),
                events);
    }

    @Test
    void given_a_lock_when_asked_for_again_then_it_is_longer() {
        ask(BEN, take(""));
        pass(Duration.ofMinutes(20));

        assertEquals(new PoolNews.Yours("bench", now.plus(HALF_AN_HOUR)), ask(BEN, take("")));
        pass(Duration.ofMinutes(20));
        assertEquals(List.of(), events);
    }

    @Test
    void given_a_waiter_when_asking_again_then_the_place_stays_and_can_be_left() {
        ask(BEN, take(""));
        ask(ZOE, take(""));
        assertEquals(new PoolNews.Waits("bench", ticket("ben", "", true), 1), ask(ZOE, take("")));

        assertEquals(new PoolNews.Free("bench", "zoe"), ask(ZOE, new PoolWish.GiveBack("bench")));
        assertEquals(
                new PoolNews.Seen("bench", List.of(ticket("ben", "", true))),
                ask(ZOE, new PoolWish.Look("bench")));
    }

    @Test
    void given_somebody_elses_lock_when_given_back_then_it_stays() {
        ask(BEN, take(""));

        assertInstanceOf(PoolNews.NotDone.class, ask(ZOE, new PoolWish.GiveBack("bench")));

        assertEquals("ben", table.holder());
    }

    @Test
    void given_an_account_when_the_nick_changes_then_the_lock_is_still_the_same_persons() {
        ask(new Asker("ben", false, "benjamin"), take(""));

        assertInstanceOf(PoolNews.NotDone.class, ask(BEN, new PoolWish.GiveBack("bench")));
        assertEquals(
                new PoolNews.Free("bench", "benjamin"),
                ask(new Asker("ben_away", true, "benjamin"), new PoolWish.GiveBack("bench")));
    }

    @Test
    void given_a_lock_when_it_is_taken_away_then_its_owner_hears_of_it() {
        ask(BEN, take(""));

        ask(ZOE, new PoolWish.TakeAway("bench", "BEN"));

        assertEquals(
                List.of(
                        new TurnEvent.PoolCalled("ben", new PoolCall.Over("bench", true)),
                        new TurnEvent.PoolsAnswered(ZOE, new PoolNews.Free("bench", "BEN"))),
                events);
        assertEquals("", table.holder());
        assertInstanceOf(PoolNews.NotDone.class, ask(ZOE, new PoolWish.TakeAway("bench", "ben")));
    }

    @Test
    void given_no_such_pool_or_none_at_all_then_that_is_the_answer() {
        assertEquals(
                new PoolNews.NoSuchPool("lab"),
                ask(BEN, new PoolWish.Take("lab", HALF_AN_HOUR, "")));
        assertEquals(new PoolNews.NoSuchPool("lab"), ask(BEN, new PoolWish.Look("lab")));
        assertEquals(
                new PoolNews.All(List.of(new PoolNews.Row("bench", 1, 0, 0))),
                ask(BEN, new PoolWish.All()));

        engine = Optional.empty();
        assertEquals(new PoolNews.NoPools(), ask(BEN, new PoolWish.All()));
    }

    private static PoolWish take(String reason) {
        return new PoolWish.Take("bench", HALF_AN_HOUR, reason);
    }

    private static PoolNews.Ticket ticket(String holder, String reason, boolean held) {
        return new PoolNews.Ticket(holder, reason, held, NOON.plus(HALF_AN_HOUR));
    }

    /// @return the answer; what is said besides it stays in [#events] with it if there is more
    private PoolNews ask(Asker asker, PoolWish wish) {
        events.clear();
        errands.run(asker, wish);
        settle();
        PoolNews news =
                events.stream()
                        .filter(TurnEvent.PoolsAnswered.class::isInstance)
                        .map(event -> ((TurnEvent.PoolsAnswered) event).news())
                        .findFirst()
                        .orElseThrow();
        if (events.size() == 1) {
            events.clear();
        }
        return news;
    }

    private void settle() {
        while (!steps.isEmpty()) {
            steps.removeFirst().run();
        }
    }

    /// Lets time pass as a loop would: waking when there is something to do.
    private void pass(Duration time) {
        Instant end = now.plus(time);
        while (true) {
            Duration left = Duration.between(now, end);
            Duration step = errands.untilNext(left);
            now = now.plus(step);
            errands.onTime();
            if (step.equals(left)) {
                break;
            }
        }
        table.apply(new Operation.Tick());
        settle();
    }
}
