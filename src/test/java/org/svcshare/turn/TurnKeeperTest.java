package org.svcshare.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.svcshare.turn.PeerMessage.Announce;
import org.svcshare.turn.PeerMessage.Call;
import org.svcshare.turn.PeerMessage.CallKind;
import org.svcshare.turn.PeerMessage.ConnStat;
import org.svcshare.turn.PeerMessage.ConnUpdate;
import org.svcshare.turn.PeerMessage.Hello;
import org.svcshare.turn.PeerMessage.LegacyYield;
import org.svcshare.turn.PeerMessage.QueueSize;
import org.svcshare.turn.PeerMessage.Released;
import org.svcshare.turn.PeerMessage.Result;
import org.svcshare.turn.PeerMessage.StartElection;
import org.svcshare.turn.PeerMessage.Vote;
import org.svcshare.turn.PeerMessage.VoteState;
import org.svcshare.turn.PeerMessage.Yield;

/// One keeper, spoken to by hand. What many of them do together is in the simulator's tests.
class TurnKeeperTest {
    private static final Asker ANNA = new Asker("anna", false);
    private static final Asker ANNA_IN_PRIVATE = new Asker("anna", true);
    private static final long MB = 1024 * 1024;

    private final TurnSettings settings = TurnSettings.defaults("anna", "1.0");
    private TurnKeeper keeper = new TurnKeeper(settings, KeptState.NONE, new Random(1));
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");

    @BeforeEach
    void start() {
        keeper.start(now);
        keeper.on(new TurnEvent.GateClosed(0), now);
    }

    @Test
    void given_a_join_when_it_is_the_first_then_the_bot_announces_itself_in_both_generations() {
        var effects = join("anna", "boss");

        assertEquals(new Announce(""), sent(effects).getFirst());
        assertTrue(sent(effects).get(1) instanceof Hello hello && hello.generation() == 2);
    }

    @Test
    void given_a_lone_bot_with_a_queue_when_asked_to_elect_then_its_gate_opens_at_once() {
        ready(30);

        var effects = ask(new Command.Election());

        assertEquals(
                List.of("Election started.", "Election won. Queue size: 30 MB."), said(effects));
        assertTrue(effects.contains(new TurnEffect.OpenGate(1)));
    }

    @Test
    void given_an_open_gate_when_it_has_opened_then_the_client_is_woken_after_it() {
        ready(30);
        ask(new Command.Election());

        var effects = on(new TurnEvent.GateOpened());

        assertTrue(effects.contains(new TurnEffect.ResumeClient()));
        assertTrue(keeper.view().holds());
    }

    @Test
    void D12_given_a_private_election_when_started_then_the_asker_is_told_and_nobody_named_None() {
        ready(30);

        var effects = on(new TurnEvent.Asked(ANNA_IN_PRIVATE, new Command.Election()));

        assertTrue(
                effects.contains(
                        new TurnEffect.Say("anna", "Election started.", TurnEffect.Weight.ANSWER)));
        assertTrue(recipients(effects).allMatch(to -> to.equals("anna")));
    }

    @Test
    void given_an_empty_queue_when_asked_to_elect_alone_then_it_says_so_and_stays_shut() {
        ready(0);

        assertEquals(
                List.of("Election started.", "Election won, but queue is empty. Ignoring."),
                said(ask(new Command.Election())));
        assertFalse(keeper.view().holds());
    }

    @Test
    void given_an_old_peer_when_electing_then_it_is_asked_the_old_way_and_answers_decide() {
        ready(30, "old");
        heard("old", new Announce(""));

        var asked = ask(new Command.Election());
        assertEquals(List.of(new StartElection()), sent(asked));
        var won = heard("old", new QueueSize(40));

        assertEquals(List.of("Election won. Queue size: 30 MB."), said(won));
        assertTrue(sent(won).contains(new LegacyYield()));
    }

    @Test
    void given_an_old_peer_with_less_when_electing_then_the_bot_stays_silent() {
        ready(30, "old");
        heard("old", new Announce(""));
        ask(new Command.Election());

        assertEquals(List.of(), said(heard("old", new QueueSize(29.5))));
        assertFalse(keeper.view().holds());
    }

    @Test
    void given_equal_queues_when_an_old_peer_asked_at_the_same_time_then_it_gets_the_turn() {
        ready(40, "old");
        heard("old", new Announce(""));
        ask(new Command.Election());
        heard("old", new StartElection());

        heard("old", new QueueSize(40));

        assertFalse(keeper.view().holds());
    }

    @Test
    void D5_given_a_stray_queue_size_when_nobody_was_asked_then_a_later_election_still_works() {
        ready(30, "old", "liar");
        heard("old", new Announce(""));
        heard("liar", new QueueSize(1e-9));
        ask(new Command.Election());
        heard("liar", new QueueSize(1e-9));

        assertEquals(
                List.of("Election won. Queue size: 30 MB."), said(heard("old", new QueueSize(31))));
    }

    @Test
    void D6_given_a_major_election_when_connections_are_told_then_they_are_no_queue_size() {
        ready(30, "old");
        heard("old", new Announce(""));
        ask(new Command.Election());

        heard("old", new ConnUpdate("o", 1));

        assertTrue(keeper.view().electing());
        heard("old", new QueueSize(50));
        assertTrue(keeper.view().holds());
    }

    @Test
    void given_a_silent_old_peer_when_it_shows_no_life_twice_then_it_is_forgotten() {
        ready(30, "old");
        heard("old", new Announce(""));
        for (int i = 0; i < 2; i++) {
            assertEquals(List.of("old"), keeper.view().peers());
            ask(new Command.Election());
            pass(Duration.ofSeconds(20));
            on(new TurnEvent.TimerFired(Timer.LEGACY_ELECTION));
            pass(Duration.ofSeconds(10));
            on(new TurnEvent.TimerFired(Timer.PROBE));
        }

        assertEquals(List.of(), keeper.view().peers());
        ask(new Command.Election());
        assertTrue(keeper.view().holds());
    }

    @Test
    void given_a_forced_old_peer_when_it_tells_its_connections_then_it_stays_a_peer() {
        ready(30, "old");
        heard("old", new Announce(""));
        for (int i = 0; i < 6; i++) {
            ask(new Command.Election());
            pass(Duration.ofSeconds(20));
            var failed = on(new TurnEvent.TimerFired(Timer.LEGACY_ELECTION));
            assertEquals(List.of(new ConnStat()), sent(failed));
            on(new TurnEvent.Heard("old", true, new ConnUpdate("o", 2)));
            pass(Duration.ofSeconds(10));
            on(new TurnEvent.TimerFired(Timer.PROBE));
        }

        assertEquals(List.of("old"), keeper.view().peers());
        assertFalse(keeper.view().holds());
    }

    @Test
    void given_a_halted_bot_when_asked_for_its_queue_then_it_says_nothing_but_zero() {
        ready(30, "old");
        ask(new Command.Halt(Duration.ZERO));

        assertEquals(List.of(new QueueSize(0)), sent(heard("old", new StartElection())));
    }

    @Test
    void given_a_forced_bot_when_asked_for_its_queue_then_it_is_silent_but_tells_connections() {
        open(50, "old");
        heard("old", new Announce(""));
        ask(new Command.Force(20));
        on(new TurnEvent.Traffic(3, 3, MB));

        assertEquals(List.of(), sent(heard("old", new StartElection())));
        assertEquals(List.of(new ConnUpdate("anna", 3)), sent(heard("old", new ConnStat())));
    }

    @Test
    void given_new_peers_when_the_smallest_is_somebody_else_then_the_caller_says_so_and_waits() {
        ready(30, "ben");
        hello("ben");
        var call = call(ask(new Command.Election()));

        var effects = heard("ben", vote(call, 10, VoteState.READY));

        Result result = only(Result.class, effects);
        assertEquals("ben", result.winner());
        assertFalse(keeper.view().holds());
    }

    @Test
    void given_a_result_when_it_names_this_bot_then_it_takes_the_next_turn_and_waits_for_quiet() {
        ready(10, "ben");
        hello("ben");
        var effects = heard("ben", new Call("0-1", CallKind.TURN, "smallest-queue"));
        assertEquals(10, only(Vote.class, effects).queueMb());
        heard("ben", vote("0-1", 30, VoteState.READY));

        var won = heard("ben", new Result("0-1", "svc", 7, "smallest"));

        assertEquals(8, only(Yield.class, won).turn());
        assertTrue(won.contains(new TurnEffect.StartTimer(Timer.QUIET, Duration.ofSeconds(2))));
        assertTrue(on(new TurnEvent.TimerFired(Timer.QUIET)).contains(new TurnEffect.OpenGate(8)));
    }

    @Test
    void given_a_bot_that_only_just_joined_when_forced_then_it_waits_for_a_holders_answer() {
        join("ben");

        var effects = ask(new Command.Force(0));

        assertTrue(
                effects.contains(
                        new TurnEffect.StartTimer(Timer.QUIET, settings.electionTimeout())));
    }

    @Test
    void given_a_running_peer_when_this_bot_wins_then_it_opens_only_after_released() {
        ready(10, "ben");
        hello("ben");
        var call = call(ask(new Command.Election()));
        heard("ben", vote(call, 30, VoteState.RUNNING));
        assertTrue(keeper.view().holds());

        assertFalse(on(new TurnEvent.TimerFired(Timer.QUIET)).stream().anyMatch(this::opens));
        heard("ben", new Released(1, 0));

        assertTrue(on(new TurnEvent.TimerFired(Timer.QUIET)).stream().anyMatch(this::opens));
    }

    @Test
    void given_two_calls_that_cross_when_the_other_is_smaller_then_this_bot_withdraws_its_own() {
        ready(10, "ben");
        hello("ben");
        var mine = call(ask(new Command.Election()));
        heard("ben", new Call("!", CallKind.TURN, "smallest-queue"));

        assertEquals(List.of(), sent(heard("ben", vote(mine, 30, VoteState.READY))));
        assertFalse(keeper.view().holds());
        heard("ben", vote("!", 30, VoteState.READY));
        heard("ben", new Result("!", "svc", 0, "smallest"));
        assertTrue(keeper.view().holds());
    }

    @Test
    void given_a_holder_when_a_higher_turn_is_claimed_then_it_closes_and_says_released() {
        open(50, "ben");
        hello("ben");

        var effects = heard("ben", new Yield(9));

        assertEquals(List.of("Yield request received. Pausing."), said(effects));
        int pause = effects.indexOf(new TurnEffect.PauseClient());
        int close = effects.indexOf(new TurnEffect.CloseGate());
        assertTrue(pause >= 0 && close > pause, effects::toString);
        assertEquals(List.of(new Released(1, 2)), sent(on(new TurnEvent.GateClosed(2))));
    }

    @Test
    void given_a_holder_when_a_lower_turn_is_claimed_then_the_claimer_is_corrected() {
        open(50, "ben");
        hello("ben");
        heard("ben", new Yield(9));
        on(new TurnEvent.GateClosed(0));

        var effects = heard("ben", new Yield(3));

        assertEquals(List.of(), sent(effects), "its own older claim, replayed");
    }

    @Test
    void given_a_stranger_when_it_votes_then_it_is_not_counted() {
        ready(30, "ben", "stranger");
        hello("ben");
        var call = call(ask(new Command.Election()));
        heard("stranger", vote(call, 0.1, VoteState.READY));

        heard("ben", vote(call, 40, VoteState.READY));

        assertTrue(keeper.view().holds());
    }

    @Test
    void given_somebody_outside_the_channel_when_it_yields_then_nothing_happens() {
        open(50, "old");

        assertEquals(List.of(), on(new TurnEvent.Heard("outsider", true, new LegacyYield())));
        assertTrue(keeper.view().holds());
    }

    @Test
    void given_a_forced_bot_when_an_old_peer_yields_then_it_closes_all_the_same() {
        open(50, "old");
        ask(new Command.Force(20));

        heard("old", new LegacyYield());

        assertFalse(keeper.view().holds());
        assertEquals(0, keeper.view().forceLeftBytes());
    }

    @Test
    void given_a_force_when_bytes_move_then_exactly_they_are_taken_from_the_allotment() {
        ready(500);

        assertEquals(
                List.of("Resuming. Forced allotment: 100 MB."), said(ask(new Command.Force(100))));
        on(new TurnEvent.GateOpened());
        on(new TurnEvent.Traffic(1, 1, 12_345));

        assertEquals(100 * MB - 12_345, keeper.view().forceLeftBytes());
    }

    @Test
    void given_a_force_larger_than_the_queue_then_the_queue_is_the_allotment() {
        ready(35.5);

        assertEquals(
                List.of("Resuming. Forced allotment: 35 MB."), said(ask(new Command.Force(99))));
        assertEquals((long) (35.5 * MB), keeper.view().forceLeftBytes());
    }

    @Test
    void given_a_force_when_its_bytes_are_used_then_the_end_is_told_once_and_the_gate_stays_open() {
        open(50, "old");
        ask(new Command.Force(1));
        on(new TurnEvent.TimerFired(Timer.CONNECTIONS));
        on(new TurnEvent.Traffic(1, 1, MB));

        assertTrue(
                said(on(new TurnEvent.TimerFired(Timer.CONNECTIONS))).stream()
                        .anyMatch(text -> text.startsWith("Force has ended. Queue: 50 MB")));
        assertTrue(
                said(on(new TurnEvent.TimerFired(Timer.CONNECTIONS))).stream()
                        .noneMatch(text -> text.startsWith("Force has ended.")));
        assertTrue(keeper.view().gateOpen());
    }

    @Test
    void D19_given_halts_of_all_lengths_when_told_then_the_numbers_make_sense() {
        ready(0);
        assertEquals(
                List.of("Halting for 1 minute."),
                said(ask(new Command.Halt(Duration.ofMinutes(1)))));
        assertEquals(
                List.of("System is halted for another 1 minute."),
                said(ask(new Command.Election())));
        assertEquals(List.of("Halting indefinitely."), said(ask(new Command.Halt(Duration.ZERO))));
        assertEquals(List.of("System is indefinitely halted."), said(ask(new Command.Election())));
        assertEquals(List.of("Unhalted."), said(ask(new Command.Unhalt())));
        assertEquals(List.of("System was not in halted state."), said(ask(new Command.Unhalt())));
    }

    @Test
    void given_a_technical_halt_when_the_connection_flaps_then_no_lasting_halt_comes_of_it() {
        ready(30);
        on(new TurnEvent.Lost("reset"));
        join("svc");
        on(new TurnEvent.Lost("reset"));
        join("svc");
        on(new TurnEvent.TimerFired(Timer.UNHALT));

        assertFalse(keeper.view().halted());
    }

    @Test
    void given_a_halt_by_hand_when_the_connection_is_lost_then_the_halt_stays() {
        ready(30);
        ask(new Command.Halt(Duration.ZERO));
        on(new TurnEvent.Lost("reset"));
        join("svc");
        on(new TurnEvent.TimerFired(Timer.UNHALT));

        assertTrue(keeper.view().halted());
    }

    @Test
    void given_an_open_gate_when_the_channel_is_lost_then_it_closes() {
        open(50, "old");

        var effects = on(new TurnEvent.Lost("connection reset"));

        assertTrue(effects.contains(new TurnEffect.CloseGate()));
        assertTrue(effects.contains(new TurnEffect.PauseClient()));
    }

    @Test
    void given_auto_resume_off_when_looks_come_then_no_election_is_called() {
        keeper = new TurnKeeper(withoutAutoResume(), KeptState.NONE, new Random(1));
        start();
        ready(30, "old");

        for (Timer timer : List.of(Timer.SOON_CHECK, Timer.QUEUE_CHECK, Timer.TRANSITION)) {
            assertEquals(List.of(), sent(on(new TurnEvent.TimerFired(timer))), timer::toString);
        }
    }

    @Test
    void given_a_gate_that_cannot_open_when_it_says_so_then_the_channel_hears_it() {
        ready(30);
        ask(new Command.Election());

        var effects = on(new TurnEvent.GateFailed("localhost:8999 is taken"));

        assertEquals(List.of("Cannot open the gate: localhost:8999 is taken"), said(effects));
        assertFalse(keeper.view().holds());
    }

    @Test
    void given_a_pause_when_the_client_has_paused_then_the_asker_hears_how_it_went() {
        open(50);

        ask(new Command.Pause());
        assertEquals(List.of("Paused."), said(on(new TurnEvent.ClientSteered(true, true, ""))));

        ask(new Command.Pause());
        assertEquals(
                List.of("Paused proxy. Failed to pause client."),
                said(on(new TurnEvent.ClientSteered(true, false, "refused"))));
    }

    @Test
    void given_connections_when_the_look_comes_then_some_and_none_are_told_with_all_bytes() {
        open(50, "old");
        heard("old", new Announce(""));
        on(new TurnEvent.Traffic(2, 2, 0));
        var some = on(new TurnEvent.TimerFired(Timer.CONNECTIONS));
        assertEquals(List.of("50 MB + 0 MB queued (0 items) @ 0 KB/s (2 conn)"), said(some));
        assertEquals(List.of(new ConnUpdate("anna", 2)), sent(some));

        pass(Duration.ofSeconds(20));
        on(new TurnEvent.Traffic(0, 2, 2 * MB));
        var none = on(new TurnEvent.TimerFired(Timer.CONNECTIONS));

        assertEquals(List.of("0 connections. [2 MB in 0m20s (102 KB/s)]"), said(none));
        assertEquals(List.of(new ConnUpdate("anna", 0)), sent(none));
    }

    @Test
    void D18_given_a_transfer_between_two_looks_when_the_next_comes_then_its_bytes_are_told() {
        open(50);
        on(new TurnEvent.Traffic(1, 1, 0));
        on(new TurnEvent.Traffic(0, 1, 3 * MB));

        assertTrue(
                said(on(new TurnEvent.TimerFired(Timer.CONNECTIONS)))
                        .getFirst()
                        .startsWith("0 connections. [3 MB in"));
    }

    @Test
    void D4b_given_a_clock_that_is_set_back_when_looks_come_then_nothing_breaks() {
        open(50, "old");
        on(new TurnEvent.Traffic(1, 1, 0));
        now = now.minusSeconds(3600);
        on(new TurnEvent.Traffic(0, 1, 3 * MB));

        assertTrue(
                said(on(new TurnEvent.TimerFired(Timer.CONNECTIONS)))
                        .getFirst()
                        .startsWith("0 connections. [3 MB in 0m0s"));
    }

    @Test
    void given_a_renamed_peer_when_it_answers_under_its_new_nick_then_the_election_completes() {
        ready(30, "old");
        heard("old", new Announce(""));
        ask(new Command.Election());
        on(new TurnEvent.Renamed("old", "older"));

        heard("older", new QueueSize(40));

        assertTrue(keeper.view().holds());
    }

    @Test
    void given_a_leaver_and_a_newcomer_when_electing_then_neither_makes_it_fail() {
        ready(30, "old", "leaver", "new");
        heard("old", new Announce(""));
        heard("leaver", new Announce(""));
        ask(new Command.Election());
        heard("leaver", new QueueSize(10));
        on(new TurnEvent.MemberLeft("leaver"));
        heard("new", new Announce(""));

        heard("old", new QueueSize(40));

        assertTrue(keeper.view().holds());
    }

    @Test
    void given_a_stop_when_the_gate_is_open_then_it_closes_and_says_goodbye_before_the_end() {
        open(50, "ben");
        hello("ben");
        on(new TurnEvent.Stopping());

        var effects = on(new TurnEvent.GateClosed(1));

        assertEquals(new Released(1, 1), sent(effects).get(0));
        assertTrue(sent(effects).get(1) instanceof PeerMessage.Bye);
        assertEquals(new TurnEffect.Stopped(), effects.getLast());
    }

    @Test
    void given_a_force_when_the_bot_stops_then_what_is_left_is_kept_for_the_next_process() {
        open(50, "ben");
        ask(new Command.Force(20));
        on(new TurnEvent.Traffic(1, 1, 5 * MB));

        var effects = on(new TurnEvent.Stopping());

        var kept =
                effects.stream()
                        .filter(TurnEffect.Keep.class::isInstance)
                        .map(effect -> ((TurnEffect.Keep) effect).state())
                        .toList()
                        .getLast();
        assertEquals(15 * MB, kept.forceLeftBytes());
        var next = new TurnKeeper(settings, kept, new Random(2));
        next.start(now);
        assertEquals(15 * MB, next.view().forceLeftBytes());
    }

    @Test
    void given_a_kept_turn_number_when_restarted_then_the_next_turn_is_higher() {
        keeper =
                new TurnKeeper(
                        settings,
                        new KeptState(41, null, false, 0, new java.util.TreeMap<>()),
                        new Random(1));
        start();
        ready(10);

        assertTrue(ask(new Command.Election()).contains(new TurnEffect.OpenGate(42)));
    }

    @Test
    void given_a_turn_number_when_it_is_told_then_it_was_kept_before() {
        ready(10, "ben");
        hello("ben");
        heard("ben", new Call("0-1", CallKind.TURN, "smallest-queue"));
        heard("ben", vote("0-1", 30, VoteState.READY));
        var effects = heard("ben", new Result("0-1", "svc", 0, ""));

        int kept = -1;
        int told = -1;
        for (int i = 0; i < effects.size(); i++) {
            if (effects.get(i) instanceof TurnEffect.Keep && kept < 0) {
                kept = i;
            }
            if (effects.get(i) instanceof TurnEffect.Send send && send.message() instanceof Yield) {
                told = i;
            }
        }
        assertTrue(kept >= 0 && told > kept, effects::toString);
    }

    @Test
    void given_a_used_up_turn_when_others_wait_then_it_ends_by_itself() {
        open(50, "ben");
        hello("ben");
        on(new TurnEvent.ClientSeen(QueueSnapshot.EMPTY));
        pass(Duration.ofSeconds(31));

        var effects = on(new TurnEvent.TimerFired(Timer.LINGER));

        assertEquals(List.of("Queue is empty. Turn 1 is over."), said(effects));
        assertEquals(List.of(new Released(1, 0)), sent(on(new TurnEvent.GateClosed(0))));
    }

    @Test
    void given_a_holder_when_an_unmet_old_bot_speaks_then_it_is_told_who_has_the_turn() {
        open(50, "old");

        assertEquals(
                List.of(new LegacyYield(), new Yield(1), new QueueSize(50)),
                sent(heard("old", new StartElection())));
    }

    @Test
    void given_two_that_run_when_the_other_votes_then_the_claim_is_said_again() {
        open(50, "ben");
        hello("ben");

        var effects = heard("ben", vote("0-1", 30, VoteState.RUNNING));

        assertEquals(List.of(new LegacyYield(), new Yield(1)), sent(effects));
    }

    @Test
    void given_an_absurd_turn_number_when_claimed_then_the_numbers_are_not_used_up() {
        ready(10, "ben");
        hello("ben");

        heard("ben", new Yield(900_000_000_000_000L));

        assertEquals(1_000_000, keeper.view().turn());
    }

    @Test
    void given_a_client_that_does_not_resume_when_it_answers_again_then_it_is_told_again() {
        open(50, "ben");
        on(new TurnEvent.ClientSteered(false, false, "refused"));

        assertTrue(
                on(new TurnEvent.ClientSeen(QueueSnapshot.EMPTY))
                        .contains(new TurnEffect.ResumeClient()));
    }

    @Test
    void given_a_spammer_when_it_asks_without_end_then_the_answers_do_not() {
        ready(30, "spammer");
        int answers = 0;
        for (int i = 0; i < 1000; i++) {
            answers += sent(heard("spammer", new StartElection())).size();
            answers += sent(heard("spammer", new ConnStat())).size();
            answers += sent(heard("spammer", new Announce("x"))).size();
        }
        assertTrue(answers <= 20, "answers: " + answers);
    }

    private TurnSettings withoutAutoResume() {
        var s = settings;
        return new TurnSettings(
                s.owner(),
                s.version(),
                s.policy(),
                false,
                s.clientAsked(),
                s.guarded(),
                s.keepGateWhenLost(),
                s.knocksCall(),
                s.haltSurvivesRestart(),
                s.ageingHalfLife(),
                s.firstCheck(),
                s.queueCheckEvery(),
                s.transitionEvery(),
                s.connectionsEvery(),
                s.unhaltAfter(),
                s.enqueueCheck(),
                s.idleCheckMin(),
                s.idleCheckMax(),
                s.electionTimeout(),
                s.legacyElectionTimeout(),
                s.handoverTimeout(),
                s.handoverQuiet(),
                s.handoverDrain(),
                s.turnLinger(),
                s.turnMax());
    }

    /// In the channel, no longer halted, with a queue.
    private void ready(double queueMb, String... others) {
        join(others);
        on(new TurnEvent.TimerFired(Timer.UNHALT));
        pass(settings.handoverTimeout());
        on(new TurnEvent.ClientSeen(new QueueSnapshot(queueMb, 0, 0, 0, true, 0)));
    }

    /// The same, with the gate open in turn 1.
    private void open(double queueMb, String... others) {
        ready(queueMb, others);
        ask(new Command.Force(0));
        on(new TurnEvent.TimerFired(Timer.QUIET));
        on(new TurnEvent.GateOpened());
    }

    private List<TurnEffect> join(String... others) {
        var members = new java.util.HashSet<>(Set.of(others));
        members.add("svc");
        return on(new TurnEvent.Joined("svc", Casemapping.RFC1459, members));
    }

    private void hello(String nick) {
        heard(nick, new Hello("o", "1.0", 2, "boot-" + nick, "smallest-queue", false));
    }

    private Vote vote(String election, double queueMb, VoteState state) {
        return new Vote(election, queueMb, 0, 0, 0, state, 0);
    }

    private String call(List<TurnEffect> effects) {
        return only(Call.class, effects).election();
    }

    private <T> T only(Class<T> type, List<TurnEffect> effects) {
        return sent(effects).stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow(() -> new AssertionError(type + " in " + effects));
    }

    private boolean opens(TurnEffect effect) {
        return effect instanceof TurnEffect.OpenGate;
    }

    private List<TurnEffect> ask(Command command) {
        return on(new TurnEvent.Asked(ANNA, command));
    }

    private List<TurnEffect> heard(String from, PeerMessage message) {
        return on(new TurnEvent.Heard(from, false, message));
    }

    private List<TurnEffect> on(TurnEvent event) {
        return keeper.on(event, now);
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    private static List<PeerMessage> sent(List<TurnEffect> effects) {
        return effects.stream()
                .filter(TurnEffect.Send.class::isInstance)
                .map(effect -> ((TurnEffect.Send) effect).message())
                .toList();
    }

    private static List<String> said(List<TurnEffect> effects) {
        return effects.stream()
                .filter(TurnEffect.Say.class::isInstance)
                .map(effect -> ((TurnEffect.Say) effect).text())
                .toList();
    }

    private static Stream<String> recipients(List<TurnEffect> effects) {
        return effects.stream()
                .filter(TurnEffect.Say.class::isInstance)
                .map(effect -> ((TurnEffect.Say) effect).to())
                .filter(to -> to != null);
    }
}
