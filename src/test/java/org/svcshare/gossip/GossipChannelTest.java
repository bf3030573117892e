package org.svcshare.gossip;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.PeerMessage.Hello;
import org.svcshare.turn.PeerMessage.Yield;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;

/// Who is there, what is heard, and what people ask, on a group that the test moves by hand.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GossipChannelTest {
    private static final CommandSettings ANYONE = new CommandSettings("", List.of(), Map.of());
    private static final PeerSettings SIGNED =
            new PeerSettings(List.of(new Secret("0123456789abcdef".repeat(2))), true);

    private final MemoryNet net = new MemoryNet();
    private final List<Seat> seats = new ArrayList<>();

    /// A channel and what it told its bot.
    private static final class Seat {
        final MemoryNet.Node node;
        final GossipChannel channel;
        final Hello hello;
        final List<TurnEvent> told = new CopyOnWriteArrayList<>();

        Seat(MemoryNet.Node node, PeerSettings peers, CommandSettings commands, int number) {
            this.node = node;
            String boot = "%016x".formatted(number);
            hello = new Hello("o" + number, "1.0", 2, boot, "fifo", peers.signedOnly());
            channel =
                    new GossipChannel(
                            node,
                            node,
                            peers,
                            commands,
                            boot,
                            InstantSource.system(),
                            new Random(number));
            node.answerWith(channel);
            channel.start(this::hears);
        }

        /// As a keeper does: says HELLO when it has joined and when somebody says it to all.
        private void hears(TurnEvent event) {
            told.add(event);
            if (event instanceof TurnEvent.Joined) {
                channel.send(null, hello);
            } else if (event instanceof TurnEvent.Heard(String from, boolean direct, Hello _)
                    && !direct) {
                channel.send(from, hello);
            }
        }

        boolean knows(Seat other) {
            return told.stream()
                    .anyMatch(event ->
                            event instanceof TurnEvent.Heard heard
                                    && heard.message().equals(other.hello));
        }

        boolean heard(PeerMessage message) {
            return told.stream()
                    .anyMatch(event ->
                            event instanceof TurnEvent.Heard heard
                                    && heard.message().equals(message));
        }
    }

    @AfterEach
    void close() {
        seats.forEach(seat -> seat.channel.close());
        net.close();
    }

    private Seat seat(String name, PeerSettings peers, CommandSettings commands) {
        var seat = new Seat(net.start(name), peers, commands, seats.size() + 1);
        seats.add(seat);
        await(name + " is in")
                .until(() -> seat.told.stream().anyMatch(TurnEvent.Joined.class::isInstance));
        return seat;
    }

    private Seat seat(String name) {
        return seat(name, PeerSettings.ANY, ANYONE);
    }

    private static void untilTold(Seat seat, TurnEvent event) {
        await(event.toString()).until(() -> seat.told.contains(event));
    }

    private void meet(Seat one, Seat other) {
        await("they meet").until(() -> one.knows(other) && other.knows(one));
    }

    // Who is there.

    @Test
    void given_members_when_they_come_and_go_then_the_bot_is_told_once_of_each() {
        Seat anna = seat("anna");
        untilTold(anna, new TurnEvent.Joined("anna", Casemapping.EXACT, Set.of()));

        net.start("ben");
        untilTold(anna, new TurnEvent.MemberJoined("ben"));
        net.kill("ben");
        untilTold(anna, new TurnEvent.MemberLeft("ben"));

        assertEquals(
                3,
                anna.told.stream().filter(event -> !(event instanceof TurnEvent.Heard)).count(),
                anna.told::toString);
    }

    @Test
    void given_a_member_that_is_started_anew_unnoticed_then_it_has_left_and_is_back() {
        Seat anna = seat("anna");
        net.start("ben");
        untilTold(anna, new TurnEvent.MemberJoined("ben"));

        net.start("ben");

        untilTold(anna, new TurnEvent.MemberLeft("ben"));
        await().until(() ->
                anna.told.stream().filter(new TurnEvent.MemberJoined("ben")::equals).count() == 2);
    }

    @Test
    void given_names_that_differ_in_case_then_they_are_two() {
        Seat anna = seat("anna");
        seat("Anna");
        Seat ben = seat("ben");
        untilTold(ben, new TurnEvent.Joined("ben", Casemapping.EXACT, Set.of("anna", "Anna")));
        untilTold(anna, new TurnEvent.MemberJoined("Anna"));
    }

    @Test
    void given_a_member_whose_name_fits_no_message_then_it_is_not_counted() {
        Seat anna = seat("anna");
        untilTold(anna, new TurnEvent.Joined("anna", Casemapping.EXACT, Set.of()));
        net.start("two words");
        net.start("x".repeat(65));
        net.start("ben");
        untilTold(anna, new TurnEvent.MemberJoined("ben"));

        assertEquals(
                1, anna.told.stream().filter(TurnEvent.MemberJoined.class::isInstance).count());
        assertTrue(anna.channel.status().rejected().containsKey("unfit-name"));
    }

    @Test
    void given_a_group_that_is_left_when_it_is_joined_again_then_the_bot_is_told_of_both() {
        Seat anna = seat("anna");
        untilTold(anna, new TurnEvent.Joined("anna", Casemapping.EXACT, Set.of()));
        assertTrue(anna.channel.status().joined());

        anna.node.joined = false;
        await().until(() -> anna.told.getLast() instanceof TurnEvent.Lost);
        assertFalse(anna.channel.status().joined());
        anna.node.joined = true;

        await().until(() -> anna.told.getLast() instanceof TurnEvent.Joined);
        assertEquals(1, anna.channel.status().reconnects());
    }

    @Test
    void given_a_stop_of_the_group_then_the_channel_is_lost() {
        Seat anna = seat("anna");
        untilTold(anna, new TurnEvent.Joined("anna", Casemapping.EXACT, Set.of()));

        anna.node.joined = false;
        anna.node.tell(new GroupEvent.Stopping("anna"));

        untilTold(anna, new TurnEvent.Lost("the group is left"));
    }

    // What is said.

    @Test
    void given_two_bots_when_one_speaks_then_the_other_hears_and_nothing_of_the_old_generation() {
        Seat anna = seat("anna");
        Seat ben = seat("ben");
        meet(anna, ben);

        anna.channel.send(null, new PeerMessage.Announce(""));
        anna.channel.send("ben", new PeerMessage.Ack(""));
        anna.channel.send(null, new PeerMessage.StartElection());
        anna.channel.send(null, new PeerMessage.LegacyYield());
        anna.channel.send("ben", new Yield(7));
        anna.channel.send(null, new PeerMessage.Bye(7));

        untilTold(ben, new TurnEvent.Heard("anna", true, new Yield(7)));
        untilTold(ben, new TurnEvent.Heard("anna", false, new PeerMessage.Bye(7)));
        assertTrue(
                ben.node.overheard.stream().allMatch(text -> text.startsWith("SSMSG 2 ")),
                ben.node.overheard::toString);
    }

    @Test
    void given_two_groups_that_become_one_when_nobody_has_come_anew_then_all_know_all() {
        Seat anna = seat("anna", SIGNED, ANYONE);
        Seat ben = seat("ben", SIGNED, ANYONE);
        meet(anna, ben);
        anna.told.clear();
        ben.told.clear();

        anna.node.lostSight("ben");
        ben.node.lostSight("anna");

        untilTold(anna, new TurnEvent.MemberLeft("ben"));
        meet(anna, ben);
    }

    @Test
    void
            given_signatures_when_something_is_said_to_one_not_known_yet_then_it_waits_for_its_hello() {
        Seat anna = seat("anna", SIGNED, ANYONE);
        Seat ben = seat("ben", SIGNED, ANYONE);
        meet(anna, ben);

        anna.node.lostSight("ben");
        untilTold(anna, new TurnEvent.MemberLeft("ben"));
        await().until(() -> anna.told.getLast() instanceof TurnEvent.MemberJoined);
        anna.channel.send("ben", new PeerMessage.Announce(""));
        anna.channel.send("ben", new Yield(9));

        untilTold(ben, new TurnEvent.Heard("anna", true, new Yield(9)));
        assertEquals(Map.of(), ben.channel.status().rejected());
    }

    @Test
    void given_a_group_with_a_secret_when_a_member_does_not_sign_then_it_is_not_heard() {
        Seat anna = seat("anna", SIGNED, ANYONE);
        Seat mallory = seat("mallory");
        untilTold(anna, new TurnEvent.MemberJoined("mallory"));

        mallory.channel.send(null, new Yield(1000));

        await().until(() -> anna.channel.status().rejected().containsKey("unsigned"));
        assertFalse(anna.heard(new Yield(1000)));
    }

    @Test
    void given_any_nonsense_when_it_is_heard_then_it_is_counted_and_the_channel_goes_on() {
        Seat anna = seat("anna");
        MemoryNet.Node mallory = net.start("mallory");
        untilTold(anna, new TurnEvent.MemberJoined("mallory"));

        mallory.say(null, "hello");
        mallory.say(null, "SSMSG 2 5 {\"t\":1e99}");
        mallory.say(null, "SSMSG " + "x".repeat(2000));
        mallory.say(null, "SSMSG 2 99 {}");
        mallory.say("anna", "SS_STARTELECTION");
        mallory.say("anna", "SSMSG 2 5 {\"t\":3}");

        untilTold(anna, new TurnEvent.Heard("mallory", true, new Yield(3)));
        Map<String, Long> rejected = new TreeMap<>(anna.channel.status().rejected());
        assertEquals(2, rejected.remove("no-message"), rejected::toString);
        assertEquals(1, rejected.remove("too-long"), rejected::toString);
        assertEquals(1, rejected.values().stream().mapToLong(Long::longValue).sum());
    }

    // What people ask.

    private static Map<String, String> ask(Seat at, String line) {
        var answers = new ConcurrentSkipListMap<String, String>();
        at.node.ask(
                GossipChannel.COMMAND,
                Value.text(line),
                Duration.ofSeconds(5),
                new MemberGroup.Answers() {
                    @Override
                    public void answer(String member, Value payload) {
                        answers.put(member, payload.text());
                    }

                    @Override
                    public void ended(List<String> silent) {}
                });
        return answers;
    }

    @Test
    void given_a_command_when_it_is_asked_then_every_bot_gets_it_and_its_words_are_the_answer() {
        Seat anna = seat("anna");
        Seat ben = seat("ben");
        meet(anna, ben);
        var asker = new Asker("operator@anna", true);
        var halt = new TurnEvent.Asked(asker, new Command.Halt(Duration.ofMinutes(30)));

        Map<String, String> answers = ask(anna, "halt 30m");
        untilTold(anna, halt);
        untilTold(ben, halt);
        ben.channel.say("somebody", "not this", Weight.ANSWER);
        ben.channel.say(null, "nor this", Weight.ANSWER);
        ben.channel.say(asker.nick(), "Halting.", Weight.ANSWER);
        ben.channel.say(asker.nick(), "For long.", Weight.ANSWER);

        await().until(() -> answers.containsKey("ben"));
        assertEquals("Halting.\nFor long.", answers.get("ben"));
    }

    @Test
    void given_a_name_before_the_command_then_only_that_bot_gets_it() {
        Seat anna = seat("anna");
        Seat ben = seat("ben");
        meet(anna, ben);

        Map<String, String> answers = ask(anna, "ben: help halt");

        await().until(() -> answers.containsKey("ben"));
        assertTrue(String.valueOf(answers.get("ben")).startsWith("halt [time]"));
        assertEquals(Set.of("ben"), answers.keySet());
    }

    @Test
    void given_two_lines_of_one_asker_then_the_second_waits_until_the_first_is_answered() {
        Seat anna = seat("anna");
        untilTold(anna, new TurnEvent.Joined("anna", Casemapping.EXACT, Set.of()));
        var asker = new Asker("operator@anna", true);

        Map<String, String> first = ask(anna, "status");
        Map<String, String> second = ask(anna, "version");
        untilTold(anna, new TurnEvent.Asked(asker, new Command.Status(false)));
        anna.channel.say(asker.nick(), "all is well", Weight.ANSWER);
        untilTold(anna, new TurnEvent.Asked(asker, new Command.Version()));
        anna.channel.say(asker.nick(), "1.0", Weight.ANSWER);

        await().until(() -> second.containsKey("anna"));
        assertEquals("all is well", first.get("anna"));
        assertEquals("1.0", second.get("anna"));
    }

    @Test
    void given_what_only_the_owner_may_when_it_is_asked_then_the_own_svcshare_is_the_owner() {
        Seat anna = seat("anna");
        Seat ben = seat("ben");
        meet(anna, ben);
        var asker = new Asker("operator@anna", true);

        Map<String, String> answers = ask(anna, "enqueue 17");

        untilTold(anna, new TurnEvent.Asked(asker, new Command.Enqueue(List.of("17"))));
        await().until(() -> answers.containsKey("ben"));
        assertEquals("You may not give the command enqueue.", answers.get("ben"));
    }

    @Test
    void given_rules_for_a_command_then_they_hold_for_operators_of_members_too() {
        var rules = Map.of("force", List.of("host:*@anna"));
        Seat anna = seat("anna");
        Seat ben = seat("ben", PeerSettings.ANY, new CommandSettings("", List.of(), rules));
        Seat zoe = seat("zoe");
        meet(anna, ben);
        meet(zoe, ben);

        Map<String, String> refused = ask(zoe, "ben: force 5");
        await().until(() -> refused.containsKey("ben"));
        ask(anna, "ben: force 5");

        assertEquals("You may not give the command force.", refused.get("ben"));
        untilTold(ben, new TurnEvent.Asked(new Asker("operator@anna", true), new Command.Force(5)));
    }

    @Test
    void given_words_that_are_no_command_then_the_answer_says_so() {
        Seat anna = seat("anna");
        untilTold(anna, new TurnEvent.Joined("anna", Casemapping.EXACT, Set.of()));

        for (var asked :
                Map.of(
                                "statsu",
                                "did you mean \"status\"",
                                "halt soon",
                                "is no time",
                                "nick bob",
                                "it is a setting",
                                "whoami",
                                "operator@anna, my owner",
                                "x".repeat(500),
                                "too long")
                        .entrySet()) {
            Map<String, String> answers = ask(anna, asked.getKey());
            await().until(() -> answers.containsKey("anna"));
            assertTrue(
                    String.valueOf(answers.get("anna")).contains(asked.getValue()),
                    answers::toString);
        }
    }

    @Test
    void given_a_last_word_when_it_leaves_then_the_word_is_said() {
        Seat anna = seat("anna");
        Seat ben = seat("ben");
        meet(anna, ben);

        anna.channel.send(null, new PeerMessage.Bye(0));
        anna.channel.leave("bye", Duration.ofSeconds(5));

        untilTold(ben, new TurnEvent.Heard("anna", false, new PeerMessage.Bye(0)));
    }
}
