package org.svcshare.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.turn.PeerMessage.Released;
import org.svcshare.turn.PeerMessage.Yield;

/// A turn whose gate opens only under a lease.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GuardedTurnTest {
    private static final Asker ANNA = new Asker("anna", false);
    private static final TurnEffect ACQUIRE = new TurnEffect.AcquireGuard(1);
    private static final TurnEffect RELEASE = new TurnEffect.ReleaseGuard();
    private static final TurnEffect CLOSE = new TurnEffect.CloseGate();

    private final TurnSettings settings = TurnSettings.defaults("anna", "1.0").withGuard(true);
    private final TurnKeeper keeper = new TurnKeeper(settings, KeptState.NONE, new Random(1));
    private Instant now = Instant.parse("2026-11-21T12:00:00Z");

    @BeforeEach
    void start() {
        keeper.start(now);
        assertEquals(List.of(), on(new TurnEvent.GateClosed(0)));
        on(
                new TurnEvent.Joined(
                        "svc", Casemapping.RFC1459, new HashSet<>(Set.of("svc", "anna", "ben"))));
        on(new TurnEvent.TimerFired(Timer.UNHALT));
        now = now.plus(settings.handoverTimeout());
        on(new TurnEvent.ClientSeen(new QueueSnapshot(30, 0, 0, 0, true, 0)));
    }

    @Test
    void given_a_turn_when_it_is_won_then_the_lease_is_asked_for_after_the_quiet_gap() {
        var won = ask(new Command.Force(0));
        assertFalse(won.contains(ACQUIRE));

        var quiet = on(new TurnEvent.TimerFired(Timer.QUIET));

        assertTrue(quiet.contains(ACQUIRE));
        assertFalse(opens(quiet));
    }

    @Test
    void given_the_lease_when_it_is_granted_then_the_gate_opens_and_the_fence_is_told() {
        asking();

        assertEquals(List.of(new TurnEffect.OpenGate(1)), on(new TurnEvent.GuardGranted(1, 42)));

        var opened = on(new TurnEvent.GateOpened());
        assertTrue(
                opened.stream()
                        .anyMatch(effect ->
                                effect instanceof TurnEffect.Note(Happening.TurnGranted granted)
                                        && granted.fence() == 42));
        assertEquals(42, keeper.view().fence());
        assertTrue(keeper.view().why().contains("fencing token 42"), keeper.view().why());
    }

    @Test
    void given_somebody_else_with_the_lease_then_the_bot_waits_and_says_for_whom() {
        asking();

        assertEquals(
                List.of("Waiting for the guard: held by ss-ben."),
                said(on(new TurnEvent.GuardAwaited(1, "held by ss-ben"))));
        assertEquals(List.of(), said(on(new TurnEvent.GuardAwaited(1, "held by ss-ben"))));

        assertTrue(said(ask(new Command.Why())).getFirst().contains("held by ss-ben"));
        assertTrue(
                said(ask(new Command.Status(false)))
                        .getFirst()
                        .contains("waiting for the guard: held by ss-ben"));
        assertEquals("held by ss-ben", keeper.view().awaiting());
        assertFalse(keeper.view().gateOpen());
    }

    @Test
    void given_a_changing_reason_to_wait_when_it_changes_often_then_it_is_said_seldom() {
        asking();
        int lines = 0;
        for (int i = 0; i < 100; i++) {
            lines += said(on(new TurnEvent.GuardAwaited(1, "held by ss-" + i % 7))).size();
            now = now.plusSeconds(3);
        }
        assertTrue(lines <= 6, "lines: " + lines);
    }

    @Test
    void given_a_long_wait_then_the_turn_is_claimed_again_because_the_holder_may_not_have_heard() {
        asking();
        assertFalse(claims(on(new TurnEvent.GuardAwaited(1, "held by ss-ben"))));
        now = now.plusSeconds(60);

        assertTrue(claims(on(new TurnEvent.GuardAwaited(1, "held by ss-ben"))));
        assertFalse(claims(on(new TurnEvent.GuardAwaited(1, "held by ss-ben"))));
    }

    @Test
    void given_an_open_gate_when_the_lease_is_lost_then_it_closes_at_once_and_says_so() {
        open();

        var lost = on(new TurnEvent.GuardLost(1, "the lease ran out"));

        assertTrue(lost.contains(CLOSE));
        assertEquals(List.of("Closing: the guard was lost: the lease ran out."), said(lost));
        assertFalse(lost.contains(RELEASE));
        assertFalse(keeper.view().holds());

        var closed = on(new TurnEvent.GateClosed(3));
        assertTrue(closed.contains(RELEASE));
        assertEquals(0, keeper.view().fence());
    }

    @Test
    void given_a_lease_that_cannot_be_had_then_the_turn_is_given_up_and_not_asked_for_at_once() {
        asking();

        var lost = on(new TurnEvent.GuardLost(1, "no such pool"));

        assertEquals(
                List.of("Cannot open the gate: the guard cannot be had: no such pool"), said(lost));
        assertTrue(lost.contains(RELEASE));
        assertFalse(keeper.view().holds());
        assertFalse(opens(on(new TurnEvent.TimerFired(Timer.QUEUE_CHECK))));
    }

    @Test
    void given_a_lock_service_that_is_away_then_it_is_said_once_until_a_gate_has_opened() {
        String why = "the lock service does not answer: refused";
        asking();
        assertEquals(1, said(on(new TurnEvent.GuardAwaited(1, why))).size());
        assertEquals(1, said(on(new TurnEvent.GuardLost(1, why))).size());
        for (int turn = 2; turn < 5; turn++) {
            now = now.plusSeconds(600);
            asking();
            assertEquals(List.of(), said(on(new TurnEvent.GuardAwaited(turn, why))));
            assertEquals(why, keeper.view().awaiting());
            assertEquals(List.of(), said(on(new TurnEvent.GuardLost(turn, why))));
        }
        asking();
        on(new TurnEvent.GuardGranted(5, 42));
        on(new TurnEvent.GateOpened());
        ask(new Command.Pause());
        on(new TurnEvent.GateClosed(0));
        asking();

        assertEquals(1, said(on(new TurnEvent.GuardAwaited(6, why))).size());
    }

    @Test
    void given_a_waiting_bot_when_another_takes_the_turn_then_it_waits_no_longer() {
        asking();
        on(new TurnEvent.GuardAwaited(1, "held by ss-ben"));

        var yielded = on(new TurnEvent.Heard("ben", false, new Yield(2)));

        assertTrue(yielded.contains(RELEASE));
        assertFalse(yielded.contains(CLOSE));
        assertEquals("", keeper.view().awaiting());
        assertEquals(List.of(), on(new TurnEvent.GuardGranted(1, 42)));
    }

    @Test
    void given_a_waiting_bot_when_halted_paused_stopped_or_cut_off_then_it_waits_no_longer() {
        asking();
        assertTrue(ask(new Command.Halt(Duration.ofMinutes(5))).contains(RELEASE));
        ask(new Command.Unhalt());

        ask(new Command.Force(0));
        on(new TurnEvent.TimerFired(Timer.QUIET));
        assertTrue(ask(new Command.Pause()).contains(RELEASE));

        ask(new Command.Force(0));
        on(new TurnEvent.TimerFired(Timer.QUIET));
        assertTrue(on(new TurnEvent.Stopping()).contains(RELEASE));
    }

    @Test
    void given_a_waiting_bot_when_the_channel_is_lost_then_it_waits_no_longer() {
        asking();

        assertTrue(on(new TurnEvent.Lost("netsplit")).contains(RELEASE));
    }

    @Test
    void given_an_open_gate_when_the_turn_ends_then_the_lease_is_given_back_once_it_is_closed() {
        open();

        var yielded = on(new TurnEvent.Heard("ben", false, new Yield(2)));
        assertTrue(yielded.contains(CLOSE));
        assertFalse(yielded.contains(RELEASE));

        var closed = on(new TurnEvent.GateClosed(0));
        assertTrue(closed.contains(RELEASE));
    }

    @Test
    void given_the_lease_then_the_others_hear_of_it_only_when_it_was_given_back() {
        hello("ben");
        open();
        on(new TurnEvent.Heard("ben", false, new Yield(2)));

        var closed = on(new TurnEvent.GateClosed(0));

        int released = closed.indexOf(RELEASE);
        assertTrue(released >= 0);
        assertTrue(
                closed.subList(0, released).stream()
                        .noneMatch(effect -> effect instanceof TurnEffect.Send(_, Released _)));
    }

    @Test
    void
            given_a_gate_that_is_closing_when_a_new_turn_comes_and_goes_then_the_lease_stays_till_shut() {
        open();
        on(new TurnEvent.Heard("ben", false, new Yield(2)));
        ask(new Command.Force(0));

        assertFalse(ask(new Command.Halt(Duration.ofMinutes(5))).contains(RELEASE));

        assertTrue(on(new TurnEvent.GateClosed(0)).contains(RELEASE));
    }

    @Test
    void given_a_new_turn_while_the_old_gate_closes_then_the_old_lease_goes_before_a_new_one() {
        open();
        on(new TurnEvent.Heard("ben", false, new Yield(2)));
        ask(new Command.Force(0));
        on(new TurnEvent.TimerFired(Timer.HANDOVER));
        on(new TurnEvent.TimerFired(Timer.QUIET));

        var closed = on(new TurnEvent.GateClosed(0));

        var guards =
                closed.stream()
                        .filter(effect ->
                                effect instanceof TurnEffect.AcquireGuard
                                        || effect instanceof TurnEffect.ReleaseGuard)
                        .toList();
        assertEquals(List.of(RELEASE, new TurnEffect.AcquireGuard(3)), guards);
    }

    @Test
    void given_answers_for_an_earlier_turn_then_they_change_nothing() {
        asking();
        ask(new Command.Pause());
        ask(new Command.Force(0));
        on(new TurnEvent.TimerFired(Timer.QUIET));

        assertEquals(List.of(), on(new TurnEvent.GuardGranted(1, 42)));
        assertEquals(List.of(), on(new TurnEvent.GuardAwaited(1, "held by ss-ben")));
        assertEquals(List.of(), on(new TurnEvent.GuardLost(1, "the lease ran out")));

        assertTrue(keeper.view().holds());
        assertEquals("", keeper.view().awaiting());
    }

    @Test
    void given_a_waiting_bot_whose_queue_runs_empty_then_it_gives_the_turn_up() {
        hello("ben");
        asking();
        on(new TurnEvent.ClientSeen(QueueSnapshot.EMPTY));
        now = now.plus(settings.turnLinger());

        assertTrue(on(new TurnEvent.TimerFired(Timer.LINGER)).contains(RELEASE));
    }

    private void asking() {
        ask(new Command.Force(0));
        on(new TurnEvent.TimerFired(Timer.HANDOVER));
        on(new TurnEvent.TimerFired(Timer.QUIET));
        assertTrue(keeper.view().holds());
    }

    private void open() {
        asking();
        on(new TurnEvent.GuardGranted(1, 42));
        on(new TurnEvent.GateOpened());
        assertTrue(keeper.view().gateOpen());
    }

    private void hello(String nick) {
        on(
                new TurnEvent.Heard(
                        nick,
                        false,
                        new PeerMessage.Hello(
                                "o", "1.0", 2, "boot-" + nick, "smallest-queue", false)));
    }

    private List<TurnEffect> ask(Command command) {
        return on(new TurnEvent.Asked(ANNA, command));
    }

    private List<TurnEffect> on(TurnEvent event) {
        return keeper.on(event, now);
    }

    private static boolean claims(List<TurnEffect> effects) {
        return effects.contains(new TurnEffect.Send(null, new Yield(1)));
    }

    private static boolean opens(List<TurnEffect> effects) {
        return effects.stream().anyMatch(TurnEffect.OpenGate.class::isInstance);
    }

    private static List<String> said(List<TurnEffect> effects) {
        return effects.stream()
                .filter(TurnEffect.Say.class::isInstance)
                .map(effect -> ((TurnEffect.Say) effect).text())
                .toList();
    }
}
