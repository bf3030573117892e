package org.svcshare.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

/// What people read about the lock pools.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PoolDeskTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final Instant HALF_PAST_TWO = Instant.parse("2026-11-21T14:30:00Z");
    private static final Asker ZOE = new Asker("zoe", false);
    private static final PoolNews.Ticket BEN =
            new PoolNews.Ticket("ben", "demo", true, HALF_PAST_TWO);

    private final TurnKeeper keeper =
            new TurnKeeper(TurnSettings.defaults("anna", "1.0"), KeptState.NONE, new Random(1));

    @BeforeEach
    void start() {
        keeper.start(NOON);
        keeper.on(new TurnEvent.Joined("svc", Casemapping.RFC1459, Set.of("svc", "zoe")), NOON);
    }

    @Test
    void given_a_wish_when_asked_then_it_goes_to_the_pools() {
        var wish = new PoolWish.Take("bench", Duration.ofMinutes(30), "demo");

        assertEquals(
                List.of(new TurnEffect.AskPools(ZOE, wish)),
                keeper.on(new TurnEvent.Asked(ZOE, new Command.Pools(wish)), NOON));
    }

    @Test
    void given_a_lock_then_its_end_is_told() {
        assertEquals(
                "zoe: bench is yours until 14:30 UTC.",
                told(new PoolNews.Yours("bench", HALF_PAST_TWO)));
        assertEquals("zoe: bench is yours.", told(new PoolNews.Yours("bench", null)));
        assertEquals(
                "zoe: bench is yours until 2026-11-23 12:00 UTC.",
                told(new PoolNews.Yours("bench", NOON.plus(Duration.ofDays(2)))));
    }

    @Test
    void given_a_queue_then_the_holder_and_the_place_are_told() {
        assertEquals(
                "bench is held by ben until 14:30 UTC (demo); you are number 2.",
                told(new PoolNews.Waits("bench", BEN, 2)));
        assertEquals(
                "bench is taken; you are number 1.", told(new PoolNews.Waits("bench", null, 1)));
    }

    @Test
    void given_a_look_then_holders_and_waiters_are_named() {
        var zoe = new PoolNews.Ticket("zoe", "", false, HALF_PAST_TWO);

        assertEquals(
                "bench is held by ben until 14:30 UTC (demo); waiting: zoe.",
                told(new PoolNews.Seen("bench", List.of(BEN, zoe))));
        assertEquals("bench is free.", told(new PoolNews.Seen("bench", List.of())));
        assertEquals(
                "bench is held by ben, ben, ben, ben, ben, ben, ben, ben, ben, ben and 40 more.",
                told(
                        new PoolNews.Seen(
                                "bench",
                                Collections.nCopies(
                                        50, new PoolNews.Ticket("ben", "", true, null)))));
    }

    @Test
    void given_pools_then_each_says_whether_it_is_free() {
        assertEquals(
                "Pools: bench (taken, 2 waiting), build (1 of 4 taken), lab (free).",
                told(
                        new PoolNews.All(
                                List.of(
                                        new PoolNews.Row("bench", 1, 1, 2),
                                        new PoolNews.Row("build", 4, 1, 0),
                                        new PoolNews.Row("lab", 1, 0, 0)))));
        assertEquals("No pools here.", told(new PoolNews.All(List.of())));
        assertEquals("No pools here.", told(new PoolNews.NoPools()));
    }

    @Test
    void given_what_was_not_done_then_the_answer_is_plain() {
        assertEquals("There is no pool bnech here.", told(new PoolNews.NoSuchPool("bnech")));
        assertEquals(
                "bench: you did not take it here.",
                told(new PoolNews.NotDone("bench", "you did not take it here")));
        assertEquals("ben does not have bench any more.", told(new PoolNews.Free("bench", "ben")));
    }

    @Test
    void given_a_lock_that_changes_by_itself_then_its_owner_is_called() {
        assertEquals(
                "zoe: bench is yours until 14:30 UTC.",
                called(new PoolCall.YourTurn("bench", HALF_PAST_TWO)));
        assertEquals(
                "zoe: your time with bench ends at 14:30 UTC; \"lock bench\" gives you more.",
                called(new PoolCall.EndsSoon("bench", HALF_PAST_TWO)));
        assertEquals(
                "zoe: your time with bench is over.", called(new PoolCall.Over("bench", false)));
        assertEquals(
                "zoe: bench was taken away from you.", called(new PoolCall.Over("bench", true)));
    }

    private String told(PoolNews news) {
        return only(keeper.on(new TurnEvent.PoolsAnswered(ZOE, news), NOON));
    }

    private String called(PoolCall call) {
        return only(keeper.on(new TurnEvent.PoolCalled("zoe", call), NOON));
    }

    private static String only(List<TurnEffect> effects) {
        assertEquals(1, effects.size(), effects.toString());
        return ((TurnEffect.Say) effects.getFirst()).text();
    }
}
