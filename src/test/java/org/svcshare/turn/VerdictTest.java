package org.svcshare.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.svcshare.turn.PeerMessage.CallKind;
import org.svcshare.turn.PeerMessage.Vote;
import org.svcshare.turn.PeerMessage.VoteState;

class VerdictTest {
    private static final Duration HALF_LIFE = Duration.ofHours(1);

    private final Verdict.Ballot small = ballot("small", 10, 0, 500, VoteState.READY);
    private final Verdict.Ballot patient = ballot("patient", 90, 36_000, 400, VoteState.READY);
    private final Verdict.Ballot modest = ballot("modest", 50, 60, 1, VoteState.READY);

    @Test
    void given_smallest_queue_then_the_smallest_wins_and_the_reason_has_the_numbers() {
        var verdict = count(Policy.SMALLEST_QUEUE, patient, small, modest);

        assertEquals("small", verdict.winner());
        assertEquals(
                "smallest-queue: small 10.0 MB, modest 50.0 MB, patient 90.0 MB", verdict.reason());
    }

    @Test
    void given_ageing_then_a_long_wait_makes_a_big_queue_small() {
        assertEquals("patient", count(Policy.AGEING, small, patient, modest).winner());
    }

    @Test
    void given_fair_share_then_who_used_least_wins() {
        assertEquals("modest", count(Policy.FAIR_SHARE, small, patient, modest).winner());
    }

    @Test
    void given_fifo_then_who_waited_longest_wins() {
        assertEquals("patient", count(Policy.FIFO, small, patient, modest).winner());
    }

    @Test
    void given_a_tie_then_the_longer_wait_and_then_the_smaller_nick_decides() {
        var early = ballot("zoe", 10, 5, 0, VoteState.READY);
        var late = ballot("amy", 10, 4, 0, VoteState.READY);
        assertEquals("zoe", count(Policy.SMALLEST_QUEUE, late, early).winner());

        var same = ballot("bob", 10, 5, 0, VoteState.READY);
        assertEquals("bob", count(Policy.SMALLEST_QUEUE, early, same).winner());
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    void given_halted_idle_and_empty_bots_then_they_neither_win_nor_block(Policy policy) {
        var verdict =
                count(
                        policy,
                        ballot("halted", 0.1, 99_999, 0, VoteState.HALTED),
                        ballot("idle", 0.1, 99_999, 0, VoteState.IDLE),
                        ballot("empty", 0, 99_999, 0, VoteState.READY),
                        modest);

        assertEquals("modest", verdict.winner());
    }

    @Test
    void given_nobody_with_a_queue_then_nobody_wins() {
        assertNull(count(Policy.FIFO, ballot("e", 0, 0, 0, VoteState.READY)).winner());
    }

    @Test
    void given_a_forced_bot_then_it_stays_until_its_allotment_is_used() {
        var forced =
                new Verdict.Ballot("f", "f", new Vote("e", 9_999, 1, 0, 0, VoteState.FORCED, 0.1));
        var verdict = count(Policy.SMALLEST_QUEUE, small, forced);
        assertEquals("f", verdict.winner());
        assertTrue(verdict.stays());

        var used = new Verdict.Ballot("f", "f", new Vote("e", 9_999, 1, 0, 0, VoteState.FORCED, 0));
        assertEquals("small", count(Policy.SMALLEST_QUEUE, small, used).winner());
    }

    @Test
    void given_a_free_election_then_a_bot_that_runs_is_left_alone() {
        var running = ballot("running", 900, 0, 0, VoteState.RUNNING);

        var free = Verdict.of(Policy.FIFO, CallKind.FREE, HALF_LIFE, List.of(small, running));
        assertEquals("running", free.winner());
        assertTrue(free.stays());
        assertFalse(count(Policy.SMALLEST_QUEUE, small, running).stays());
    }

    @Test
    void given_a_free_election_then_a_bot_that_runs_for_nothing_is_not_left_alone() {
        var done = ballot("done", 0, 0, 0, VoteState.RUNNING);

        var free = Verdict.of(Policy.FIFO, CallKind.FREE, HALF_LIFE, List.of(done, small));
        assertEquals("small", free.winner());
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    void given_any_votes_then_their_order_does_not_matter(Policy policy) {
        for (long seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            var ballots = new ArrayList<Verdict.Ballot>();
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                ballots.add(
                        ballot(
                                "bot" + i,
                                random.nextInt(4) * 10,
                                100L * random.nextInt(3),
                                random.nextInt(3),
                                random.nextBoolean() ? VoteState.READY : VoteState.IDLE));
            }
            var first = Verdict.of(policy, CallKind.TURN, HALF_LIFE, ballots);
            Collections.shuffle(ballots, random);
            assertEquals(
                    first.winner(),
                    Verdict.of(policy, CallKind.TURN, HALF_LIFE, ballots).winner(),
                    "seed " + seed);
        }
    }

    private static Verdict count(Policy policy, Verdict.Ballot... ballots) {
        return Verdict.of(policy, CallKind.TURN, HALF_LIFE, List.of(ballots));
    }

    private static Verdict.Ballot ballot(
            String nick, double queueMb, long waitedSeconds, double usedMb, VoteState state) {
        return new Verdict.Ballot(
                nick, nick, new Vote("e", queueMb, 0, waitedSeconds, usedMb, state, 0));
    }
}
