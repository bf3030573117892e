package org.svcshare.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// The simulator itself: an instrument that has not been tried measures nothing.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SimKitTest {
    private final Sim sim = new Sim(7);

    @Test
    void given_two_listeners_when_one_speaks_then_the_other_hears_in_order_and_itself_nothing() {
        var one = new Ear(sim, "one");
        var two = new Ear(sim, "two");
        sim.run(Duration.ofSeconds(1));

        for (int i = 0; i < 50; i++) {
            one.seat.send(null, new SimChannel.Words("line " + i));
        }
        sim.run(Duration.ofSeconds(5));

        assertTrue(one.heard.isEmpty());
        assertEquals(50, two.heard.size());
        assertEquals("one line 0", two.heard.getFirst());
        assertEquals("one line 49", two.heard.getLast());
    }

    @Test
    void given_a_split_when_it_heals_then_each_half_sees_the_other_quit_and_join() {
        var one = new Ear(sim, "one");
        var two = new Ear(sim, "two");
        var three = new Ear(sim, "three");
        sim.run(Duration.ofSeconds(1));
        for (Ear ear : List.of(one, two, three)) {
            ear.events.clear();
        }

        sim.channel().split(List.of("one"));
        one.seat.send(null, new SimChannel.Words("lost"));
        two.seat.send("three", new SimChannel.Words("near"));
        sim.run(Duration.ofSeconds(1));
        sim.channel().heal();
        one.seat.send(null, new SimChannel.Words("back"));
        sim.run(Duration.ofSeconds(1));

        assertEquals(Set.of("two left", "three left"), Set.copyOf(one.events.subList(0, 2)));
        assertEquals(Set.of("two joined", "three joined"), Set.copyOf(one.events.subList(2, 4)));
        assertEquals(List.of("one left", "one joined"), two.events);
        assertEquals(List.of("one back"), two.heard);
        assertEquals(List.of("two > near", "one back"), three.heard);
    }

    @Test
    void given_a_line_on_the_link_when_the_network_splits_then_it_is_lost() {
        sim.channel().useTwoServers();
        sim.channel().delays(100 * Sim.MILLI, 100 * Sim.MILLI);
        var one = new Ear(sim, "one");
        var two = new Ear(sim, "two");
        sim.run(Duration.ofSeconds(2));
        sim.channel().split(List.of("one"));
        sim.run(Duration.ofSeconds(1));
        sim.channel().heal();
        sim.run(Duration.ofSeconds(1));

        one.seat.send(null, new SimChannel.Words("late"));
        sim.run(Duration.ofMillis(150));
        sim.channel().split(List.of("one"));
        sim.run(Duration.ofSeconds(1));

        assertTrue(two.heard.isEmpty());
    }

    @Test
    void given_a_taken_nick_when_somebody_asks_for_it_then_he_is_told() {
        new Ear(sim, "one");
        sim.run(Duration.ofSeconds(1));
        var second = new Ear(sim, "one");
        sim.run(Duration.ofSeconds(1));

        assertEquals(List.of("one is taken"), second.events);
        assertFalse(second.seat.inChannel());
    }

    @Test
    void given_a_stranger_when_he_writes_then_only_private_lines_arrive() {
        SimPerson mean = sim.stranger("mean");
        var one = new Ear(sim, "one");
        sim.run(Duration.ofSeconds(1));

        mean.say("in the channel");
        mean.seat().send("one", new SimChannel.Words("in private"));
        sim.run(Duration.ofSeconds(1));

        assertEquals(List.of("mean > in private"), one.heard);
    }

    @Test
    void given_a_lossy_medium_when_many_lines_are_sent_then_some_are_lost_doubled_and_overtaken() {
        var one = new Ear(sim, "one");
        var two = new Ear(sim, "two");
        sim.run(Duration.ofSeconds(1));
        sim.channel().lossy(0.2, 0.2, 500 * Sim.MILLI);

        for (int i = 100; i < 300; i++) {
            one.seat.send(null, new SimChannel.Words("line " + i));
        }
        sim.run(Duration.ofSeconds(5));

        var distinct = Set.copyOf(two.heard);
        assertTrue(distinct.size() < 200 && distinct.size() > 100, "lost");
        assertTrue(two.heard.size() > distinct.size(), "doubled");
        assertNotEquals(two.heard.stream().sorted().toList(), two.heard, "overtaken");
    }

    @Test
    void given_a_gate_and_a_client_when_both_are_on_then_every_byte_of_the_queue_is_counted() {
        SimOldBot old = sim.old("orig-1");
        old.queueMb(100);
        sim.run(Duration.ofMinutes(2));

        assertTrue(old.gateOpen(), "it is alone and has won");
        assertEquals(100L * 1024 * 1024, old.gate().movedBytes());
        assertEquals(0, old.client.queueMb());
    }

    @Test
    void given_two_old_bots_when_both_have_queues_then_the_smaller_runs() {
        sim.old("orig-1").queueMb(40_000);
        sim.run(Duration.ofMinutes(1));
        assertTrue(sim.old("orig-1").gateOpen());

        sim.old("orig-2").queueMb(10_000);
        assertTrue(sim.runUntil(() -> sim.old("orig-2").gateOpen(), Duration.ofMinutes(1)));
        sim.run(Duration.ofSeconds(2));

        assertEquals(List.of("orig-2"), sim.openGates());
    }

    @Test
    void given_an_old_bot_when_it_is_kicked_then_it_comes_back_after_five_seconds() {
        sim.old("orig-1").queueMb(40_000);
        sim.run(Duration.ofMinutes(1));

        sim.kick("orig-1");
        sim.run(Duration.ofSeconds(2));
        assertFalse(sim.old("orig-1").gateOpen());
        assertFalse(sim.old("orig-1").inChannel());

        assertTrue(sim.runUntil(() -> sim.old("orig-1").inChannel(), Duration.ofSeconds(4)));
    }

    @Test
    void given_a_stranger_who_kills_an_old_bot_when_it_dies_then_the_history_goes_on() {
        SimOldBot old = sim.old("orig-1");
        SimPerson mean = sim.stranger("mean");
        sim.run(Duration.ofSeconds(5));

        mean.seat().send("orig-1", new SimChannel.Words("\u0001SS_CONNUPDATE\u0001"));
        sim.run(Duration.ofSeconds(1));

        assertFalse(old.alive());
        assertFalse(old.inChannel());
    }

    @Test
    void given_one_seed_when_played_twice_then_the_histories_are_the_same() {
        assertEquals(story(11), story(11));
        assertNotEquals(story(11), story(12));
    }

    @Test
    void given_a_broken_promise_when_it_is_told_then_seed_and_last_steps_are_named() {
        sim.old("orig-1").queueMb(10);
        sim.run(Duration.ofMinutes(1));

        String message = String.valueOf(sim.broken("T0: nothing").getMessage());

        assertTrue(message.contains("T0: nothing"), message);
        assertTrue(message.contains("seed 7"), message);
        assertTrue(message.contains("SS_YIELD"), message);
    }

    @Test
    void given_an_unreachable_client_when_asked_then_there_is_no_answer() {
        SimOldBot old = sim.old("orig-1");
        old.queueMb(10);
        old.reachable(false);

        assertNull(old.client.snapshot());
    }

    private static String story(long seed) {
        var sim = new Sim(seed);
        for (int i = 1; i <= 4; i++) {
            sim.old("orig-" + i).queueMb(100 * i);
        }
        sim.run(Duration.ofMinutes(10));
        return sim.trace().last(200);
    }

    /// Joins and listens.
    private static final class Ear implements SimChannel.Listener {
        private final SimChannel.Seat seat;
        private final List<String> heard = new ArrayList<>();
        private final List<String> events = new ArrayList<>();

        Ear(Sim sim, String nick) {
            seat = sim.channel().connect(this, nick);
        }

        @Override
        public void welcomed(SimChannel.Seat at) {
            at.join();
        }

        @Override
        public void nickTaken(SimChannel.Seat at, String nick) {
            events.add(nick + " is taken");
        }

        @Override
        public void joined(SimChannel.Seat at, Set<String> members) {
            events.add("in");
        }

        @Override
        public void memberJoined(SimChannel.Seat at, String nick) {
            events.add(nick + " joined");
        }

        @Override
        public void memberLeft(SimChannel.Seat at, String nick, boolean kicked) {
            events.add(nick + " left");
        }

        @Override
        public void kicked(SimChannel.Seat at) {
            events.add("kicked");
        }

        @Override
        public void renamed(SimChannel.Seat at, String from, String to) {
            events.add(from + " is " + to);
        }

        @Override
        public void heard(SimChannel.Seat at, String from, boolean direct, SimChannel.Body body) {
            if (body instanceof SimChannel.Words(String text)) {
                heard.add(from + (direct ? " > " : " ") + text);
            }
        }

        @Override
        public void disconnected(SimChannel.Seat at) {
            events.add("disconnected");
        }
    }
}
