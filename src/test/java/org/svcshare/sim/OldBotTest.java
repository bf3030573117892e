package org.svcshare.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.QueueSnapshot;

/// Replays the exchanges that were recorded from originals, section 13 of the description, and the
/// defects of section 11 that other bots meet.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OldBotTest {
    private static final long MB = 1024 * 1024;
    private final Room room = new Room();

    @Test
    void given_three_bots_when_they_start_then_they_announce_and_acknowledge_as_recorded() {
        room.join("orig-1", 0);
        room.join("orig-2", 0);
        room.join("orig-3", 0);

        room.wrote(
                "orig-1 > JOIN #usenet",
                "orig-1 > #usenet ^SS_ANNOUNCE^",
                "orig-2 > JOIN #usenet",
                "orig-2 > #usenet ^SS_ANNOUNCE^",
                "orig-1 > orig-2 ^SS_ACK^",
                "orig-3 > JOIN #usenet",
                "orig-3 > #usenet ^SS_ANNOUNCE^",
                "orig-1 > orig-3 ^SS_ACK^",
                "orig-2 > orig-3 ^SS_ACK^");
    }

    @Test
    void given_a_running_bot_when_a_smaller_one_is_asked_then_it_wins_and_the_other_pauses() {
        room.started("orig-1", 10, "orig-2", 20, "orig-3", 30);
        room.human("orig-3: force 1");
        room.human("orig-3: pause");
        room.human("orig-2: force 1");
        room.transfer("orig-2", 0, MB);
        room.forget();

        room.human("orig-1: election");

        room.wrote(
                "orig-1 > #usenet ^SS_STARTELECTION^",
                "orig-1 > #usenet Election started.",
                "orig-2 > orig-1 ^SS_QUEUESIZE 20.000000^",
                "orig-3 > orig-1 ^SS_QUEUESIZE 30.000000^",
                "orig-1 > #usenet Election won. Queue size: 10 MB.",
                "orig-1 > #usenet ^SS_YIELD^",
                "orig-2 > #usenet Yield request received. Pausing.");
        assertTrue(room.bot("orig-1").running());
        assertFalse(room.bot("orig-2").running());
    }

    @Test
    void given_no_connections_when_a_queue_fills_then_a_minor_election_resumes() {
        room.started("orig-1", 0, "orig-2", 0, "orig-3", 0);
        room.queue("orig-1", 35);
        room.forget();

        room.pass(Duration.ofMinutes(1));

        room.wrote(
                "orig-1 > #usenet ^SS_CONNSTAT^",
                "orig-2 > orig-1 ^SS_CONNUPDATE boss 0^",
                "orig-3 > orig-1 ^SS_CONNUPDATE boss 0^",
                "orig-1 > #usenet Autoresume activated. Queue size: 35 MB.",
                "orig-1 > #usenet ^SS_YIELD^");
    }

    @Test
    void given_open_connections_when_a_queue_fills_then_nothing_follows_the_answers() {
        room.started("orig-1", 0, "orig-2", 0);
        room.queue("orig-1", 35);
        room.transfer("orig-2", 2, 0);
        room.pass(Duration.ofSeconds(15));
        room.forget();

        room.pass(Duration.ofMinutes(1));

        room.wrote("orig-1 > #usenet ^SS_CONNSTAT^", "orig-2 > orig-1 ^SS_CONNUPDATE boss 2^");
        assertFalse(room.bot("orig-1").running());
    }

    @Test
    void given_a_silent_peer_when_asked_for_an_election_then_it_is_dropped_after_20_s() {
        room.started("orig-1", 10, "orig-2", 20);
        room.line("silent", "#usenet", "\u0001SS_ANNOUNCE\u0001");
        room.human("orig-1: election");
        room.forget();

        room.pass(Duration.ofSeconds(19));
        assertTrue(room.bot("orig-1").electing());
        room.pass(Duration.ofSeconds(2));

        room.wrote();
        assertFalse(room.bot("orig-1").electing());
        assertFalse(room.bot("orig-1").running());
    }

    @Test
    void given_an_empty_queue_when_asked_privately_then_it_wins_nothing_and_tells_none() {
        room.started("orig-1", 0, "orig-2", 0);

        room.line("boss", "orig-1", "election");

        room.wrote(
                "orig-1 > #usenet ^SS_STARTELECTION^",
                "orig-1 > None Election started.",
                "orig-2 > orig-1 ^SS_QUEUESIZE 0.000000^",
                "orig-1 > #usenet Election won, but queue is empty. Ignoring.");
    }

    @Test
    void given_equal_queues_when_both_elect_at_once_then_both_pause() {
        room.started("orig-1", 40, "orig-2", 40);
        room.forget();

        room.humans("orig-1: election", "orig-2: election");

        assertEquals(2, room.count("Election won. Queue size: 40 MB."));
        assertEquals(2, room.count("Yield request received. Pausing."));
        assertFalse(room.bot("orig-1").running());
        assertFalse(room.bot("orig-2").running());
    }

    @Test
    void given_different_queues_when_both_elect_at_once_then_the_smaller_runs() {
        room.started("orig-1", 40, "orig-2", 30);
        room.forget();

        room.humans("orig-1: election", "orig-2: election");

        assertFalse(room.bot("orig-1").running());
        assertTrue(room.bot("orig-2").running());
    }

    @Test
    void given_a_queue_when_forced_too_far_then_force_and_status_read_as_recorded() {
        room.started("orig-1", 0);
        room.bot("orig-1").client(new QueueSnapshot(25, 10, 1, 0, true, 0));
        room.forget();

        room.human("orig-1: force 99");
        room.human("orig-1: status");
        room.pass(Duration.ofSeconds(11));
        room.transfer("orig-1", 0, 35 * MB);
        room.bot("orig-1").client(new QueueSnapshot(25, 10, 1, 0, false, 0));
        room.pass(Duration.ofSeconds(11));

        room.wrote(
                "orig-1 > #usenet Resuming. Forced allotment: 35 MB.",
                "orig-1 > #usenet ^SS_YIELD^",
                "orig-1 > #usenet 25 MB + 10 MB queued (1 item) @ 0 KB/s (0 conn, force: 35 MB)",
                "orig-1 > #usenet Force has ended. Queue: 25 MB + 10 MB queued (1 item)"
                        + " @ 0 KB/s (0 conn)");
        assertTrue(room.bot("orig-1").running(), "the end of a force does not pause");
    }

    @ParameterizedTest
    @CsvSource({
        "force 0, 35, true",
        "force -5, -5, false",
        "force 10.5, 0, false",
        "force junk, 0, false",
        "force, 0, false",
        "force 20, 20, true",
    })
    void given_a_queue_of_35_and_a_half_when_forced_then_the_allotment_is_odd_as_seen(
            String command, long told, boolean forced) {
        room.started("orig-1", 35.5);
        room.forget();

        room.human("orig-1: " + command);

        room.wrote(
                "orig-1 > #usenet Resuming. Forced allotment: " + told + " MB.",
                "orig-1 > #usenet ^SS_YIELD^");
        assertEquals(forced, room.bot("orig-1").forced());
    }

    @ParameterizedTest
    @CsvSource({
        "halt, Halting indefinitely.",
        "halt 0, Halting for 0 minutes.",
        "halt -3, Halting for -3 minutes.",
        "halt 1, Halting for 1 minutes.",
        "halt abc, Halting indefinitely.",
        "halt 1 2, Halting indefinitely.",
    })
    void given_a_bot_when_halted_then_it_says_so_and_votes_nothing(String command, String text) {
        room.started("orig-1", 10);
        room.forget();

        room.human("orig-1: " + command);
        room.line("other", "#usenet", "\u0001SS_STARTELECTION\u0001");

        room.wrote("orig-1 > #usenet " + text, "orig-1 > other ^SS_QUEUESIZE 0^");
    }

    @Test
    void given_a_halt_of_a_minute_when_it_runs_out_then_nothing_is_said_and_elections_work() {
        room.started("orig-1", 0);
        room.queue("orig-1", 0);
        room.human("orig-1: halt 1");
        room.forget();
        room.human("orig-1: status");
        room.pass(Duration.ofSeconds(1));
        room.human("orig-1: election");
        room.pass(Duration.ofMinutes(1));
        room.human("orig-1: election");

        room.wrote(
                "orig-1 > #usenet 0 MB + 0 MB queued (0 items) @ 0 KB/s (0 conn, halted: 1m)",
                "orig-1 > #usenet System is halted for another 0 minutes.",
                "orig-1 > #usenet ^SS_STARTELECTION^",
                "orig-1 > #usenet Election started.");
    }

    @Test
    void given_connections_when_they_come_and_go_then_both_are_told_with_figures() {
        room.started("orig-1", 0);
        room.transfer("orig-1", 2, 0);
        room.forget();

        room.pass(Duration.ofSeconds(10));
        room.transfer("orig-1", 2, 2 * MB);
        room.pass(Duration.ofSeconds(10));
        room.transfer("orig-1", 0, 2 * MB);
        room.pass(Duration.ofSeconds(10));

        assertEquals(
                List.of(
                        "orig-1 > #usenet 0 MB + 0 MB queued (0 items) @ 0 KB/s (2 conn)",
                        "orig-1 > #usenet ^SS_CONNUPDATE boss 2^",
                        "orig-1 > #usenet 0 connections. [2 MB in 0m20s (102 KB/s)]",
                        "orig-1 > #usenet ^SS_CONNUPDATE boss 0^"),
                room.wire);
    }

    @Test
    void given_a_peer_that_goes_idle_when_it_says_so_then_a_waiting_bot_looks_within_5_minutes() {
        room.started("orig-1", 10, "orig-2", 0);
        room.human("orig-1: pause");
        room.forget();

        room.line("orig-2", "#usenet", "\u0001SS_CONNUPDATE boss 0\u0001");
        room.pass(Duration.ofSeconds(179));
        assertFalse(room.bot("orig-1").electing());
        room.pass(Duration.ofSeconds(123));

        assertEquals(1, room.count("SS_CONNSTAT"));
        assertTrue(room.bot("orig-1").running());
    }

    @Test
    void given_a_kick_when_5_s_have_passed_then_the_bot_rejoins_and_announces() {
        room.started("orig-1", 0, "peer-1", 0);
        room.forget();

        room.kick("peer-1");
        room.pass(Duration.ofMillis(4900));
        room.wrote();
        room.pass(Duration.ofMillis(200));

        room.wrote(
                "peer-1 > JOIN #usenet",
                "peer-1 > #usenet ^SS_ANNOUNCE^",
                "orig-1 > peer-1 ^SS_ACK^");
    }

    @Test
    void given_a_bot_halted_by_itself_when_disconnected_then_it_stays_halted_for_ever() {
        room.join("orig-1", 10);
        room.pass(Duration.ofSeconds(1));

        room.disconnect("orig-1");
        room.pass(Duration.ofMinutes(1));
        room.human("orig-1: election");

        assertEquals(1, room.count("System is indefinitely halted."));
    }

    @Test
    void given_an_unreachable_client_when_asked_then_the_texts_are_as_recorded() {
        room.started("orig-1", 0);
        room.bot("orig-1").client(null);
        room.forget();

        room.human("orig-1: status");
        room.human("orig-1: pause");
        room.human("orig-1: force 10");

        room.wrote(
                "orig-1 > #usenet Queue status unknown (0 conn)",
                "orig-1 > #usenet Paused proxy. Failed to pause client.",
                "orig-1 > #usenet Resuming. Forced allotment: 0 MB.",
                "orig-1 > #usenet ^SS_YIELD^");
    }

    @Test
    void given_a_forced_bot_when_asked_for_its_size_then_it_is_silent_but_tells_connections() {
        room.started("orig-1", 10);
        room.human("orig-1: force 5");
        room.forget();

        room.line("x", "#usenet", "\u0001SS_STARTELECTION\u0001");
        room.line("x", "#usenet", "\u0001SS_CONNSTAT\u0001");

        room.wrote("orig-1 > x ^SS_CONNUPDATE boss 0^");
    }

    @Test
    void given_a_private_yield_of_a_stranger_when_forced_then_the_bot_pauses_all_the_same() {
        room.started("orig-1", 10);
        room.human("orig-1: force 5");
        room.forget();

        room.line("stranger", "orig-1", "hello \u0001ss_yield\u0001 tail");

        room.wrote("orig-1 > #usenet Yield request received. Pausing.");
        assertFalse(room.bot("orig-1").forced());
    }

    @ParameterizedTest
    @ValueSource(strings = {"SS_CONNUPDATE", "SS_CONNUPDATE a b 1", "SS_CONNUPDATE a 1.5", "SSMSG"})
    void given_a_malformed_line_when_heard_then_the_process_dies(String body) {
        room.started("orig-1", 10);

        room.line("stranger", "orig-1", '\u0001' + body + '\u0001');

        assertNotNull(room.bot("orig-1").crashed());
        assertEquals("stranger", room.bot("orig-1").killer());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0001SSMSG 2 3 {\"q\":1}\u0001",
                "\u0001SS_CONNUPDATE 0\u0001",
                "\u0001SS_CONNUPDATE boss 3\u0001",
                "\u0001SS_QUEUESIZE\u0001",
                "\u0001VERSION\u0001",
                "\u0001",
                "orig-1:",
                ""
            })
    void given_an_odd_line_when_heard_then_the_bot_lives(String text) {
        room.started("orig-1", 10);

        room.line("stranger", "#usenet", text);

        assertNull(room.bot("orig-1").crashed());
    }

    @ParameterizedTest
    @CsvSource({
        "1e-9, false",
        "inf, true",
        "nan, true",
        "-3, true",
        "abc, true",
        "70 x, true",
        "9, false",
    })
    void given_an_odd_size_when_a_peer_votes_then_it_wins_or_not_as_seen(String vote, boolean won) {
        room.started("orig-1", 10);
        room.line("peer", "#usenet", "\u0001SS_ANNOUNCE\u0001");
        room.human("orig-1: pause");

        room.human("orig-1: election");
        room.line("peer", "orig-1", "\u0001SS_QUEUESIZE " + vote + "\u0001");

        assertEquals(won, room.bot("orig-1").running());
    }

    @Test
    void given_a_peer_that_leaves_when_it_had_answered_then_the_election_fails() {
        room.started("orig-1", 10);
        room.human("orig-1: pause");
        room.line("p1", "#usenet", "\u0001SS_ANNOUNCE\u0001");
        room.line("p2", "#usenet", "\u0001SS_ANNOUNCE\u0001");
        room.human("orig-1: election");
        room.line("p1", "orig-1", "\u0001SS_QUEUESIZE 20\u0001");
        room.left("p1");

        room.line("p2", "orig-1", "\u0001SS_QUEUESIZE 20\u0001");
        room.pass(Duration.ofSeconds(21));

        assertFalse(room.bot("orig-1").running());
    }

    @Test
    void given_a_peer_that_leaves_when_it_had_not_answered_then_the_next_test_succeeds() {
        room.started("orig-1", 10);
        room.human("orig-1: pause");
        room.line("p1", "#usenet", "\u0001SS_ANNOUNCE\u0001");
        room.line("p2", "#usenet", "\u0001SS_ANNOUNCE\u0001");
        room.human("orig-1: election");
        room.left("p1");

        room.line("p2", "orig-1", "\u0001SS_QUEUESIZE 20\u0001");

        assertTrue(room.bot("orig-1").running());
    }

    @Test
    void given_a_peer_that_renamed_once_when_asked_then_elections_fail_for_ever() {
        room.started("orig-1", 10);
        room.line("p1", "#usenet", "\u0001SS_ANNOUNCE\u0001");

        room.each(new OldBot.Event.Renamed("p1", "fresh"));
        room.human("orig-1: election");
        room.line("fresh", "orig-1", "\u0001SS_QUEUESIZE 20\u0001");
        room.pass(Duration.ofSeconds(21));

        assertFalse(room.bot("orig-1").running());
    }

    @Test
    void given_auto_resume_off_when_the_bot_starts_then_it_elects_all_the_same() {
        room.add("orig-1", false);
        room.queue("orig-1", 10);
        room.enter("orig-1");

        room.pass(Duration.ofSeconds(35));

        assertTrue(room.bot("orig-1").running());
    }

    @Test
    void given_the_owner_when_he_enqueues_then_strangers_are_ignored_and_he_is_answered() {
        room.started("orig-1", 0);
        room.forget();

        room.line("stranger", "#usenet", "orig-1: enqueue 17 18");
        room.line("boss", "orig-1", " enq 17 18 ");

        room.wrote("orig-1 > boss Queued: 17, 18");
    }

    /// One channel in which a line arrives at once, in the order of sending.
    private static final class Room {
        private final Map<String, OldBot> bots = new LinkedHashMap<>();
        private final Queue<Runnable> lines = new ArrayDeque<>();
        private List<String> wire = new ArrayList<>();
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        void add(String nick, boolean autoResume) {
            var settings = new OldBot.Settings("boss", nick, "#usenet", autoResume, true);
            bots.put(nick, new OldBot(settings, new SplittableRandom(1)));
        }

        void join(String nick, double queueMb) {
            add(nick, true);
            queue(nick, queueMb);
            enter(nick);
        }

        void enter(String nick) {
            run(nick, bot(nick).start(now));
            flush();
        }

        /// Bots that are past their first checks, which a silent peer made fail.
        void started(Object... nicksAndQueues) {
            for (int i = 0; i < nicksAndQueues.length; i += 2) {
                double mb = ((Number) nicksAndQueues[i + 1]).doubleValue();
                join((String) nicksAndQueues[i], mb);
            }
            line("mute", "#usenet", "\u0001SS_ANNOUNCE\u0001");
            pass(Duration.ofSeconds(65));
            left("mute");
            forget();
        }

        OldBot bot(String nick) {
            OldBot bot = bots.get(nick);
            assertNotNull(bot, nick);
            return bot;
        }

        void queue(String nick, double mb) {
            bot(nick).client(new QueueSnapshot(mb, 0, 0, 0, true, 0));
        }

        void transfer(String nick, int connections, long movedBytes) {
            bot(nick).traffic(connections, movedBytes);
        }

        void human(String text) {
            line("boss", "#usenet", text);
        }

        void humans(String... texts) {
            for (String text : texts) {
                deliver(new OldBot.Event.Line("boss", "#usenet", text));
            }
            flush();
        }

        void line(String from, String target, String text) {
            deliver(new OldBot.Event.Line(from, target, text));
            flush();
        }

        void left(String nick) {
            each(new OldBot.Event.Left(nick));
        }

        void kick(String nick) {
            each(new OldBot.Event.Kicked(nick));
        }

        void disconnect(String nick) {
            bots.forEach((name, bot) ->
                    run(
                            name,
                            bot.on(
                                    name.equals(nick)
                                            ? new OldBot.Event.Disconnected()
                                            : new OldBot.Event.Left(nick),
                                    now)));
            flush();
        }

        void each(OldBot.Event event) {
            bots.forEach((name, bot) -> run(name, bot.on(event, now)));
            flush();
        }

        void pass(Duration span) {
            Instant end = now.plus(span);
            while (now.isBefore(end)) {
                now = now.plusMillis(100);
                bots.forEach((nick, bot) -> run(nick, bot.on(new OldBot.Event.Tick(), now)));
                flush();
            }
        }

        void forget() {
            wire = new ArrayList<>();
        }

        void wrote(String... expected) {
            assertEquals(List.of(expected), wire);
            forget();
        }

        long count(String part) {
            return wire.stream().filter(line -> line.contains(part)).count();
        }

        private void deliver(OldBot.Event.Line line) {
            lines.add(() -> {
                for (String nick : List.copyOf(bots.keySet())) {
                    boolean channel = line.target().startsWith("#");
                    if (channel ? !nick.equals(line.from()) : nick.equals(line.target())) {
                        run(nick, bot(nick).on(line, now));
                    }
                }
            });
        }

        private void run(String nick, List<OldBot.Action> actions) {
            for (OldBot.Action action : actions) {
                @Nullable String shown =
                        switch (action) {
                            case OldBot.Action.Privmsg(String target, String text) -> {
                                deliver(new OldBot.Event.Line(nick, target, text));
                                yield target + " " + text.replace('\u0001', '^');
                            }
                            case OldBot.Action.Join(String channel) -> {
                                lines.add(() -> run(nick, bot(nick).on(joined(nick), now)));
                                yield "JOIN " + channel;
                            }
                            case OldBot.Action.Connect(String asked) -> {
                                var welcome = new OldBot.Event.Welcome(asked);
                                lines.add(() -> run(nick, bot(nick).on(welcome, now)));
                                yield null;
                            }
                            case OldBot.Action.Nick _,
                                    OldBot.Action.OpenProxy _,
                                    OldBot.Action.CloseProxy _,
                                    OldBot.Action.PauseClient _,
                                    OldBot.Action.ResumeClient _,
                                    OldBot.Action.Enqueue _,
                                    OldBot.Action.Died _ ->
                                    null;
                        };
                if (shown != null) {
                    wire.add(nick + " > " + shown);
                }
            }
        }

        private static OldBot.Event joined(String nick) {
            return new OldBot.Event.Joined(nick, "#usenet");
        }

        private void flush() {
            for (Runnable line = lines.poll(); line != null; line = lines.poll()) {
                line.run();
            }
        }
    }
}
