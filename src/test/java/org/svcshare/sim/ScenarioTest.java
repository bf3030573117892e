package org.svcshare.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.PeerMessage.CallKind;
import org.svcshare.turn.PeerMessage.VoteState;

/// The cases that the peer protocol names, one by one. The promises are checked at every step here
/// too; a scenario adds what exactly must come of it.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ScenarioTest {
    private static final Duration SETTLED = Duration.ofSeconds(30);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private final Sim sim = new Sim(42);

    // Elections of our generation.

    @Test
    void given_ten_bots_and_delays_of_50_ms_when_one_asks_then_the_election_ends_within_a_second() {
        sim.channel().delays(50 * Sim.MILLI, 50 * Sim.MILLI);
        for (int i = 0; i < 10; i++) {
            sim.bot("bot-" + i);
        }
        settle();
        sim.bot("bot-3").queueMb(700);
        sim.bot("bot-7").queueMb(40_000);
        poll();

        sim.say("boss", "bot-5", new Command.Election());

        assertTrue(
                sim.runUntil(() -> sim.bot("bot-3").view().holds(), Duration.ofSeconds(1)),
                "the smallest queue has won");
        assertTrue(sim.runUntil(() -> sim.bot("bot-3").gateOpen(), Duration.ofSeconds(5)));
        assertEquals(List.of("bot-3"), sim.openGates());
    }

    @Test
    void given_a_holder_when_a_smaller_queue_wins_then_the_gates_change_without_overlap() {
        holder("a", 40_000);
        sim.bot("b").queueMb(100);
        poll();

        sim.say("boss", "b", new Command.Election());

        assertTrue(sim.runUntil(() -> sim.bot("b").gateOpen(), Duration.ofSeconds(15)));
        assertFalse(sim.bot("a").gateOpen());
        assertTrue(
                sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(2)),
                "the bigger queue runs again when the smaller is done");
    }

    @Test
    void D6_given_equal_queues_when_both_ask_at_the_same_moment_then_exactly_one_runs() {
        sim.bot("a");
        sim.bot("b");
        settle();
        sim.bot("a").queueMb(40_000);
        sim.bot("b").queueMb(40_000);
        poll();

        sim.say("boss", "a", new Command.Election());
        sim.say("boss", "b", new Command.Election());
        sim.run(SETTLED);

        assertEquals(1, sim.openGates().size());
    }

    @Test
    void D8_given_auto_resume_off_when_time_passes_then_the_bot_never_asks_but_obeys_a_person() {
        var d = SimSettings.of("a").autoResume(false).build();
        SimBot a = sim.newBot("a", d);
        a.queueMb(1000);

        sim.run(Duration.ofHours(2));
        assertFalse(a.gateOpen());

        sim.say("boss", "a", new Command.Election());
        assertTrue(sim.runUntil(a::gateOpen, MINUTE));
    }

    // Strangers and liars.

    @Test
    void given_a_stranger_when_he_votes_a_tenth_of_a_megabyte_then_it_counts_for_nothing() {
        SimPerson stranger = sim.stranger("stranger");
        sim.bot("a");
        sim.bot("b");
        settle();
        sim.bot("a").queueMb(1000);
        sim.bot("b").queueMb(40_000);
        poll();

        sim.forge(stranger, "a", hello());
        sim.forge(stranger, "b", hello());
        sim.say("boss", "b", new Command.Election());
        sim.runUntil(() -> sim.invariants().overheard().isPresent(), MINUTE);
        for (String bot : List.of("a", "b")) {
            sim.forge(stranger, bot, vote(0.1));
            sim.forge(stranger, bot, new PeerMessage.QueueSize(0.1));
        }

        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), MINUTE));
        assertFalse(sim.bot("a").view().peers().contains("stranger"));
    }

    @Test
    void given_a_recorded_yield_when_a_member_replays_it_then_the_holder_stays() {
        holder("a", 40_000);
        sim.bot("b").queueMb(100);
        poll();
        sim.say("boss", "b", new Command.Election());
        assertTrue(sim.runUntil(() -> sim.bot("b").gateOpen(), MINUTE));
        sim.bot("b").queueMb(40_000);
        long turn = sim.bot("b").view().turn();
        SimPerson parrot = sim.person("parrot");
        sim.forge(parrot, "", hello());
        sim.run(Duration.ofSeconds(2));

        sim.forge(parrot, "", new PeerMessage.Yield(turn - 1));
        sim.forge(parrot, "", new PeerMessage.Released(turn, 0));
        sim.run(Duration.ofSeconds(5));

        assertTrue(sim.bot("b").gateOpen());
        assertEquals(List.of("b"), sim.openGates());
    }

    @Test
    void given_an_absent_holder_when_another_takes_its_nick_then_he_gets_nothing_by_it() {
        holder("a", 40_000);
        sim.crash("a");
        sim.run(Duration.ofSeconds(1));
        SimPerson thief = sim.person("a");
        sim.run(Duration.ofSeconds(1));
        sim.bot("b").queueMb(5_000);
        assertTrue(sim.runUntil(() -> sim.bot("b").gateOpen(), MINUTE));
        long turn = sim.bot("b").view().turn();

        sim.forge(thief, "", new PeerMessage.Released(turn, 0));
        sim.forge(thief, "", new PeerMessage.Yield(turn - 1));
        sim.restart("a");
        sim.run(SETTLED);

        assertEquals("a_", sim.bot("a").view().nick());
        assertEquals(List.of("b"), sim.openGates());
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e300, -1e300, -0.0, 1e-300, Double.MAX_VALUE})
    void given_a_member_with_absurd_numbers_when_it_votes_then_an_honest_bot_runs_soon(double mb) {
        SimPerson liar = sim.person("liar");
        sim.bot("a");
        sim.bot("b");
        settle();
        sim.forge(liar, "", hello());
        sim.bot("a").queueMb(40_000);
        poll();

        sim.say("boss", "a", new Command.Election());
        sim.runUntil(() -> sim.invariants().overheard().isPresent(), MINUTE);
        sim.forge(liar, "", vote(mb));
        sim.forge(
                liar,
                "",
                new PeerMessage.Vote(
                        sim.invariants().overheard().orElseThrow(),
                        mb,
                        -1,
                        Long.MIN_VALUE,
                        mb,
                        VoteState.RUNNING,
                        mb));

        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(35)));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 1, 1L << 60})
    void given_a_member_who_poisons_the_turn_number_when_it_leaves_then_turns_go_on(long turn) {
        SimPerson liar = sim.person("liar");
        sim.bot("a");
        sim.bot("b");
        settle();
        sim.forge(liar, "", hello());
        sim.forge(liar, "", new PeerMessage.Yield(turn));
        sim.forge(liar, "", new PeerMessage.Result("x-1", "liar", turn, ""));
        sim.run(Duration.ofSeconds(5));
        liar.seat().quit(0);

        sim.bot("a").queueMb(1_000);
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(5)));
        sim.bot("b").queueMb(100);
        assertTrue(sim.runUntil(() -> sim.bot("b").gateOpen(), Duration.ofMinutes(35)));
    }

    @Test
    void given_a_member_who_calls_without_end_when_it_stops_then_a_bot_gets_its_turn() {
        SimPerson liar = sim.person("liar");
        sim.bot("a");
        sim.bot("b");
        settle();
        sim.forge(liar, "", hello());
        sim.bot("a").queueMb(40_000);
        for (int i = 0; i < 3000; i++) {
            sim.forge(
                    liar, "", new PeerMessage.Call("0000000000000000-" + i, CallKind.TURN, "fifo"));
            sim.run(Duration.ofMillis(20));
        }

        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(35)));
    }

    @Test
    void given_a_member_that_floods_with_everything_when_it_ends_then_the_keeper_has_not_grown() {
        SimPerson mean = sim.person("mean");
        sim.bot("a");
        sim.bot("b");
        settle();
        int before = KeeperSize.of(sim.bot("a").keeper());
        var mischief = new Mischief(sim.freshRandom(), List.of("a", "b", "mean"));
        for (int i = 0; i < 20_000; i++) {
            sim.invariants().overheard().ifPresent(mischief::overhears);
            sim.forge(mean, "", mischief.message());
            sim.run(Duration.ofMillis(5));
        }
        mean.seat().quit(0);
        int after = KeeperSize.of(sim.bot("a").keeper());

        assertTrue(after < before + 400, before + " entries became " + after);
        sim.bot("a").queueMb(500);
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(35)));
    }

    @Test
    void D5_given_a_silent_member_that_announced_itself_when_bots_elect_then_it_blocks_nobody() {
        SimPerson mute = sim.person("mute");
        sim.bot("a");
        sim.bot("b");
        settle();
        sim.forge(mute, "", hello());
        sim.run(Duration.ofSeconds(2));

        sim.bot("a").queueMb(40_000);

        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(2)));
    }

    // People, nicks, processes.

    @Test
    void D5_given_an_election_when_a_voter_is_renamed_in_its_middle_then_it_wins_all_the_same() {
        sim.channel().delays(200 * Sim.MILLI, 200 * Sim.MILLI);
        sim.bot("a");
        sim.bot("b");
        sim.bot("c");
        settle();
        sim.bot("b").queueMb(500);
        sim.bot("a").queueMb(40_000);
        poll();

        sim.say("boss", "a", new Command.Election());
        sim.runUntil(() -> sim.bot("a").view().electing(), MINUTE);
        sim.rename("b", "bee");

        assertTrue(sim.runUntil(() -> sim.bot("b").gateOpen(), Duration.ofSeconds(20)));
        assertEquals("bee", sim.bot("b").view().nick());
        assertTrue(sim.bot("a").view().peers().contains("bee"));
        assertFalse(sim.bot("a").view().peers().contains("b"));
    }

    @Test
    void given_a_holder_when_it_is_killed_then_the_next_in_line_runs_within_a_minute() {
        holder("a", 40_000);
        sim.bot("b").queueMb(50_000);
        poll();

        sim.crash("a");

        assertTrue(sim.runUntil(() -> sim.bot("b").gateOpen(), MINUTE));
    }

    @Test
    void given_a_holder_when_its_process_restarts_then_one_gate_is_open_again_soon() {
        holder("a", 40_000);
        long turn = sim.bot("a").view().turn();
        String boot = sim.bot("a").keeper().bootId();

        sim.crash("a");
        sim.run(Duration.ofMillis(300));
        sim.restart("a");

        assertNotEquals(boot, sim.bot("a").keeper().bootId());
        assertEquals(turn, sim.bot("a").view().turn(), "turn numbers survive");
        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(2)));
        assertTrue(sim.bot("a").view().turn() > turn);
    }

    @Test
    void given_a_bot_that_stops_when_it_held_the_turn_then_the_next_in_line_runs_at_once() {
        holder("a", 40_000);
        sim.bot("b").queueMb(50_000);
        poll();

        sim.bot("a").stop();

        assertTrue(sim.runUntil(() -> sim.bot("b").gateOpen(), Duration.ofSeconds(15)));
        assertFalse(sim.bot("a").alive());
    }

    @Test
    void D7_given_a_connection_lost_in_the_technical_halt_when_back_then_the_bot_is_not_halted() {
        SimBot a = sim.bot("a").queueMb(40_000);
        sim.run(Duration.ofSeconds(3));

        sim.disconnect("a");

        assertTrue(sim.runUntil(a::gateOpen, Duration.ofMinutes(2)));
    }

    @Test
    void D9_given_a_bot_with_a_queue_when_it_comes_back_then_it_looks_at_the_queue_soon() {
        holder("a", 40_000);

        sim.disconnect("a");
        sim.run(Duration.ofSeconds(2));
        assertFalse(sim.bot("a").gateOpen());

        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), MINUTE));
    }

    @Test
    void D8a_given_a_newcomer_and_a_leaver_when_an_election_runs_then_it_succeeds() {
        sim.channel().delays(300 * Sim.MILLI, 300 * Sim.MILLI);
        sim.bot("a");
        sim.bot("b");
        sim.bot("c");
        settle();
        sim.bot("a").queueMb(40_000);
        poll();

        sim.say("boss", "a", new Command.Election());
        sim.runUntil(() -> sim.bot("a").view().electing(), MINUTE);
        sim.crash("b");
        sim.bot("d");

        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofSeconds(20)));
    }

    // Splits.

    @Test
    void given_a_split_in_the_middle_of_an_election_when_it_heals_then_one_gate_is_left() {
        sim.channel().delays(200 * Sim.MILLI, 200 * Sim.MILLI);
        sim.bot("a");
        sim.bot("b");
        sim.bot("c");
        settle();
        sim.bot("a").queueMb(40_000);
        sim.bot("b").queueMb(30_000);
        poll();

        sim.say("boss", "a", new Command.Election());
        sim.runUntil(() -> sim.bot("a").view().electing(), MINUTE);
        sim.partition("a", "b");
        sim.run(Duration.ofMinutes(3));
        sim.heal();
        sim.run(SETTLED);

        assertEquals(1, sim.openGates().size());
    }

    @Test
    void given_a_split_in_the_middle_of_a_handover_when_it_heals_then_one_gate_is_left() {
        holder("a", 40_000);
        sim.bot("b").queueMb(30_000);
        poll();
        sim.say("boss", "b", new Command.Election());
        assertTrue(sim.runUntil(() -> sim.bot("b").view().holds(), MINUTE));

        sim.partition("a", "b");
        sim.run(Duration.ofMinutes(1));
        sim.heal();
        sim.run(SETTLED);

        assertEquals(1, sim.openGates().size());
    }

    @Test
    void given_two_holders_after_a_split_when_it_heals_then_the_higher_turn_stands() {
        sim.bot("a");
        sim.bot("b");
        settle();
        sim.partition("a", "b");
        sim.bot("a").queueMb(40_000);
        sim.bot("b").queueMb(40_000);
        assertTrue(sim.runUntil(() -> sim.openGates().size() == 2, Duration.ofMinutes(2)));

        sim.heal();
        sim.run(SETTLED);

        assertEquals(1, sim.openGates().size());
        assertEquals(sim.bot("a").view().turn(), sim.bot("b").view().turn());
    }

    // Old bots among us.

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void given_two_old_and_two_new_when_any_has_the_smallest_queue_then_that_one_runs(int who) {
        List<SimPeer> group =
                List.of(sim.old("old-a"), sim.old("old-b"), sim.bot("new-a"), sim.bot("new-b"));
        sim.person("boss");
        settle();
        for (int i = 0; i < group.size(); i++) {
            group.get(i).queueMb(i == who ? 20_000 : 30_000 + 1000 * i);
        }
        poll();

        for (int asker = 0; asker < group.size(); asker++) {
            sim.say("boss", group.get(asker).name(), new Command.Election());
            sim.run(Duration.ofSeconds(25));
        }
        sim.say("boss", group.get(who).name(), new Command.Election());
        sim.run(SETTLED);

        assertEquals(List.of(group.get(who).name()), sim.openGates());
    }

    @Test
    void given_an_old_bot_with_the_same_queue_when_both_ask_at_once_then_ours_stands_back() {
        sim.channel().delays(100 * Sim.MILLI, 100 * Sim.MILLI);
        sim.old("old-a");
        sim.bot("new-a");
        sim.person("boss");
        settle();
        sim.old("old-a").queueMb(40_000);
        sim.bot("new-a").queueMb(40_000);
        poll();

        sim.say("boss", "old-a", new Command.Election());
        sim.say("boss", "new-a", new Command.Election());
        sim.run(SETTLED);

        assertEquals(List.of("old-a"), sim.openGates());
    }

    @Test
    void given_a_forced_bot_of_ours_when_an_old_bot_is_forced_then_ours_yields() {
        sim.old("old-a").queueMb(40_000);
        sim.bot("new-a").queueMb(50_000);
        sim.person("boss");
        settle();
        sim.say("boss", "new-a", new Command.Force(1000));
        assertTrue(sim.runUntil(() -> sim.bot("new-a").gateOpen(), MINUTE));

        sim.say("boss", "old-a", new Command.Force(1000));
        sim.run(Duration.ofSeconds(5));

        assertEquals(List.of("old-a"), sim.openGates());
        assertEquals(0, sim.bot("new-a").view().forceLeftBytes());
    }

    @Test
    void given_a_forced_old_bot_when_ours_elects_then_it_does_not_take_the_service_away() {
        sim.old("old-a").queueMb(40_000);
        sim.bot("new-a");
        sim.person("boss");
        settle();
        sim.say("boss", "old-a", new Command.Force(30_000));
        sim.run(Duration.ofSeconds(5));
        sim.bot("new-a").queueMb(10);
        poll();

        for (int i = 0; i < 5; i++) {
            sim.say("boss", "new-a", new Command.Election());
            sim.run(Duration.ofSeconds(45));
        }

        assertEquals(List.of("old-a"), sim.openGates());
    }

    @Test
    void given_an_old_group_when_its_last_old_bot_leaves_then_ours_change_their_rules() {
        sim.old("old-a");
        sim.bot("a");
        sim.bot("b");
        settle();
        assertTrue(sim.bot("a").view().legacy());

        sim.crash("old-a");
        sim.run(Duration.ofSeconds(5));
        assertFalse(sim.bot("a").view().legacy());
        sim.bot("a").queueMb(1000);

        assertTrue(sim.runUntil(() -> sim.bot("a").gateOpen(), Duration.ofMinutes(2)));
        assertEquals(Set.of("b"), Set.copyOf(sim.bot("a").view().peers()));
    }

    @Test
    void given_an_old_bot_and_commands_of_all_kinds_when_ours_carry_them_out_then_it_lives() {
        SimOldBot old = sim.old("old-a");
        sim.bot("a").queueMb(5000);
        sim.bot("b").queueMb(900);
        settle();
        var mischief = new Mischief(sim.freshRandom(), List.of("a", "b", "old-a"));
        for (int i = 0; i < 300; i++) {
            sim.say("boss", sim.chance(0.5) ? "a" : "b", mischief.command());
            sim.run(Duration.ofSeconds(4));
        }

        assertTrue(old.alive());
    }

    // Verbs of this test.

    /// Everybody has joined and is through the technical halt and the first check.
    private void settle() {
        sim.person("boss");
        sim.run(SETTLED);
    }

    /// Every client has been asked for its queue.
    private void poll() {
        sim.run(Duration.ofSeconds(11));
    }

    /// Bot `name` and an idle `b`; the first has the turn and a long queue.
    private void holder(String name, double mb) {
        sim.bot(name);
        sim.bot("b");
        settle();
        sim.bot(name).queueMb(mb);
        assertTrue(sim.runUntil(() -> sim.bot(name).gateOpen(), Duration.ofMinutes(2)));
        assertEquals(new ArrayList<>(List.of(name)), sim.openGates());
    }

    private static PeerMessage hello() {
        return new PeerMessage.Hello("o", "1", 2, "00000000000000aa", "smallest-queue", false);
    }

    private PeerMessage vote(double mb) {
        return new PeerMessage.Vote(
                sim.invariants().overheard().orElseThrow(), mb, 0, 0, 0, VoteState.READY, 0);
    }
}
