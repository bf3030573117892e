package org.svcshare.sim;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;

/// What a group of members adds to the cases of a channel: views that part and become one, short
/// cuts that nobody notices, members of whose death one hears late, no bots of the old generation.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GossipScenarioTest {
    private static final Duration SETTLED = Duration.ofSeconds(30);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private final Sim sim = new Sim(42);

    private void group(boolean signed, String... names) {
        sim.overGossip(signed);
        for (String name : names) {
            sim.bot(name);
        }
        sim.run(SETTLED);
    }

    private void assertAllKnowAll() {
        for (SimBot bot : sim.newBots()) {
            assertEquals(
                    sim.newBots().size() - 1,
                    bot.view().peers().size(),
                    () -> sim.trace().last(60));
            assertFalse(bot.view().legacy());
        }
    }

    private void poll() {
        sim.run(Duration.ofSeconds(11));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void given_ten_bots_and_delays_of_50_ms_when_one_asks_then_the_election_ends_within_a_second(
            boolean signed) {
        sim.channel().delays(50 * Sim.MILLI, 50 * Sim.MILLI);
        group(signed, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        assertAllKnowAll();
        sim.bot("d").queueMb(700);
        sim.bot("h").queueMb(40_000);
        poll();

        sim.say("boss", "f", new Command.Election());

        assertTrue(
                sim.runUntil(() -> sim.bot("d").view().holds(), Duration.ofSeconds(1)),
                "the smallest queue has won");
        assertTrue(sim.runUntil(() -> sim.bot("d").gateOpen(), Duration.ofSeconds(5)));
        assertEquals(List.of("d"), sim.openGates());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void given_a_holder_when_a_smaller_queue_wins_then_the_gates_change_without_overlap(
            boolean signed) {
        group(signed, "a", "b");
        sim.bot("a").queueMb(40_000);
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), MINUTE));
        sim.bot("b").queueMb(100);
        poll();

        sim.say("boss", "b", new Command.Election());

        assertTrue(sim.runUntil(() -> sim.bot("b").gateOpen(), Duration.ofSeconds(15)));
        assertFalse(sim.bot("a").gateOpen());
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(2)));
    }

    @Test
    void given_a_holder_that_dies_when_it_is_missed_then_another_opens_within_seconds() {
        group(true, "a", "b", "c");
        sim.bot("a").queueMb(40_000);
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), MINUTE));
        sim.bot("b").queueMb(50_000);
        poll();

        sim.crash("a");

        assertTrue(
                sim.runUntil(() -> sim.bot("b").gateOpen(), Duration.ofSeconds(10)),
                () -> sim.trace().last(60));
    }

    @Test
    void given_a_holder_whose_machine_dies_when_it_is_missed_then_another_opens() {
        group(true, "a", "b", "c");
        sim.bot("a").queueMb(40_000);
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), MINUTE));
        sim.bot("b").queueMb(50_000);
        poll();

        sim.crash("a", Duration.ofSeconds(100));

        assertTrue(
                sim.runUntil(() -> sim.bot("b").gateOpen(), Duration.ofSeconds(30)),
                () -> sim.trace().last(60));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void given_bots_that_never_met_when_their_groups_become_one_then_all_know_all_in_seconds(
            boolean signed) {
        sim.overGossip(signed);
        sim.bot("a");
        sim.bot("b");
        sim.run(SETTLED);
        sim.split(List.of("a"));
        sim.run(SETTLED);
        // Who of the other side has never heard of them?
        sim.bot("c");
        sim.bot("d");
        sim.run(SETTLED);
        sim.newBots().forEach(bot -> bot.queueMb(40_000));
        assertTrue(
                sim.runUntil(() -> sim.openGates().size() == 2, MINUTE),
                () -> sim.trace().last(60));

        sim.heal();
        sim.run(Duration.ofSeconds(10));

        assertAllKnowAll();
        assertEquals(1, sim.openGates().size(), () -> sim.trace().last(60));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void given_two_holders_after_a_split_when_it_heals_then_one_is_left_and_turns_agree(
            boolean signed) {
        group(signed, "a", "b");
        sim.split(List.of("a"));
        sim.bot("a").queueMb(40_000);
        sim.bot("b").queueMb(40_000);
        assertTrue(sim.runUntil(() -> sim.openGates().size() == 2, Duration.ofMinutes(2)));

        sim.heal();
        sim.run(Duration.ofSeconds(12));

        assertEquals(1, sim.openGates().size(), () -> sim.trace().last(60));
        sim.run(SETTLED);
        assertEquals(sim.bot("a").view().turn(), sim.bot("b").view().turn());
    }

    @Test
    void
            given_a_cut_that_is_over_before_anybody_notices_then_the_election_in_it_ends_all_the_same() {
        group(true, "a", "b", "c");
        sim.bot("a").queueMb(40_000);
        sim.bot("b").queueMb(30_000);
        poll();
        sim.runUntil(() -> sim.openGates().size() == 1, MINUTE);
        sim.say("boss", "c", new Command.Election());
        sim.runUntil(() -> sim.bot("a").view().electing(), MINUTE);

        sim.split(List.of("c"));
        sim.run(Duration.ofMillis(1500));
        sim.heal();
        sim.run(SETTLED);

        assertEquals(1, sim.openGates().size());
        assertAllKnowAll();
    }

    @Test
    void given_a_bot_that_restarts_before_it_is_missed_then_it_is_known_as_what_it_is_now() {
        group(true, "a", "b", "c");
        sim.bot("a").queueMb(40_000);
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), MINUTE));

        sim.crash("a", Duration.ofSeconds(100));
        sim.restart("a");
        sim.run(Duration.ofSeconds(10));

        assertAllKnowAll();
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), MINUTE));
    }

    @Test
    void given_a_member_that_means_ill_when_the_group_has_a_secret_then_it_is_nobody() {
        sim.overGossip(true);
        requireNonNull(sim.group()).signedOnly();
        sim.bot("a");
        sim.bot("b");
        sim.run(SETTLED);
        sim.bot("a").queueMb(40_000);
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), MINUTE));
        SimPerson mean = sim.person("mean");

        sim.forge(mean, "", new PeerMessage.Hello("o", "1", 2, "00000000000000aa", "fifo", false));
        sim.forge(mean, "", new PeerMessage.Yield(1_000_000));
        sim.run(SETTLED);

        assertEquals(List.of("a"), sim.openGates());
        assertEquals(Set.of("b"), Set.copyOf(sim.bot("a").view().peers()));
    }

    @Test
    void given_one_seed_then_the_same_history() {
        assertEquals(story(), story());
    }

    private static String story() {
        var sim = new Sim(7);
        sim.overGossip(true);
        for (int i = 0; i < 4; i++) {
            sim.bot("bot-" + i).queueMb(100 * i);
        }
        sim.run(Duration.ofMinutes(5));
        return sim.trace().last(300);
    }
}
