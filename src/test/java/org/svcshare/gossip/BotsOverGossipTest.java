package org.svcshare.gossip;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.bot.Bot;
import org.svcshare.bot.StateFolder;
import org.svcshare.channel.BridgedChannel;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.channel.PeerChannel;
import org.svcshare.client.ClientProgram;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.gate.Gate;
import org.svcshare.gate.GateCounts;
import org.svcshare.gate.Moment;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.Policy;
import org.svcshare.turn.QueueSnapshot;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;
import org.svcshare.turn.TurnSettings;

/// Real bots, each with its loop and its channel, take turns over a group in one process.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BotsOverGossipTest {
    private static final PeerSettings SIGNED =
            new PeerSettings(List.of(new Secret("0123456789abcdef".repeat(2))), true);

    @TempDir private Path folder;
    private final MemoryNet net = new MemoryNet();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger mostOpen = new AtomicInteger();
    private final List<Party> parties = new ArrayList<>();

    /// A bot and what it needs.
    private final class Party {
        final String name;
        final Door gate = new Door();
        final StateFolder state;
        final Bot bot;
        final MemoryNet.Node node;
        volatile double queueMb;

        Party(String name, PeerSettings peers, UnaryOperator<PeerChannel> bridge)
                throws IOException {
            this.name = name;
            state = StateFolder.open(Files.createDirectories(folder.resolve(name)));
            node = net.start(name);
            var keeper = Bot.keeper(settings(name), state, new Random(name.hashCode()));
            var channel =
                    new GossipChannel(
                            node,
                            node,
                            peers,
                            new CommandSettings("", List.of(), Map.of()),
                            keeper.bootId(),
                            InstantSource.system(),
                            new Random(1));
            node.answerWith(channel);
            bot =
                    new Bot(
                            keeper,
                            bridge.apply(channel),
                            new Program(this),
                            state,
                            (what, when, nick) -> {},
                            Duration.ofMillis(100));
            bot.start(gate);
            parties.add(this);
        }

        boolean isOpen() {
            return gate.isOpen;
        }

        void kill() {
            net.kill(name);
            bot.close();
            gate.set(false);
        }
    }

    private Party party(String name) throws IOException {
        return new Party(name, SIGNED, channel -> channel);
    }

    private static TurnSettings settings(String name) {
        return new TurnSettings(
                "owner-of-" + name,
                "test",
                Policy.SMALLEST_QUEUE,
                true,
                true,
                false,
                false,
                true,
                false,
                Duration.ofHours(1),
                Duration.ofMillis(500),
                Duration.ofSeconds(20),
                Duration.ofSeconds(2),
                Duration.ofMillis(500),
                Duration.ofMillis(400),
                Duration.ofMillis(100),
                Duration.ofSeconds(5),
                Duration.ofSeconds(6),
                Duration.ofSeconds(1),
                Duration.ofSeconds(20),
                Duration.ofSeconds(1),
                Duration.ofMillis(200),
                Duration.ZERO,
                Duration.ofMillis(500),
                Duration.ZERO);
    }

    @AfterEach
    void close() {
        parties.forEach(party -> {
            party.bot.close();
            party.state.close();
        });
        net.close();
    }

    private static ConditionFactory soon(String what) {
        return await(what).atMost(Duration.ofSeconds(15));
    }

    private void untilAllKnowAll() {
        soon("all know all")
                .until(() ->
                        parties.stream()
                                .allMatch(party ->
                                        party.bot.view().peers().size() == parties.size() - 1
                                                && !party.bot.view().legacy()));
    }

    private static void untilOpen(Party party, boolean wanted) {
        soon(party.name + " open: " + wanted).until(() -> party.gate.isOpen == wanted);
    }

    @Test
    void given_three_bots_when_all_want_then_each_has_its_turn_and_no_two_at_once()
            throws Exception {
        Party anna = party("anna");
        Party ben = party("ben");
        Party zoe = party("zoe");
        untilAllKnowAll();
        anna.queueMb = 300;
        ben.queueMb = 20;
        zoe.queueMb = 1000;

        // Who is first depends on who has looked at its queue by then; the simulator judges that.
        var waiting = new ArrayList<>(List.of(anna, ben, zoe));
        while (!waiting.isEmpty()) {
            soon("one of " + waiting.size()).until(() -> waiting.stream().anyMatch(Party::isOpen));
            Party holder = waiting.stream().filter(Party::isOpen).findFirst().orElseThrow();
            holder.queueMb = 0;
            untilOpen(holder, false);
            waiting.remove(holder);
        }

        assertEquals(1, mostOpen.get());
    }

    @Test
    void given_a_holder_that_is_killed_then_another_takes_over_within_seconds() throws Exception {
        Party anna = party("anna");
        Party ben = party("ben");
        party("zoe");
        untilAllKnowAll();
        anna.queueMb = 20;
        untilOpen(anna, true);
        ben.queueMb = 300;
        long began = System.nanoTime();

        anna.kill();

        untilOpen(ben, true);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        assertTrue(took.compareTo(Duration.ofSeconds(10)) < 0, took::toString);
        assertEquals(1, mostOpen.get());
    }

    @Test
    void given_a_question_to_the_group_when_it_is_a_halt_then_every_bot_halts_and_says_so()
            throws Exception {
        Party anna = party("anna");
        Party ben = party("ben");
        untilAllKnowAll();
        ben.queueMb = 20;
        untilOpen(ben, true);
        var answers = new CopyOnWriteArrayList<String>();

        anna.node.ask(
                GossipChannel.COMMAND,
                Value.text("halt 30m"),
                Duration.ofSeconds(5),
                new MemberGroup.Answers() {
                    @Override
                    public void answer(String member, Value payload) {
                        answers.add(member + ": " + payload.text());
                    }

                    @Override
                    public void ended(List<String> silent) {}
                });

        soon("both answer").until(() -> answers.size() == 2);
        assertTrue(answers.stream().allMatch(answer -> answer.contains("alt")), answers::toString);
        untilOpen(ben, false);
        assertTrue(anna.bot.view().halted() && ben.bot.view().halted());
    }

    // Bridged.

    /// The people's side.
    private static class Chat implements PeerChannel {
        final List<String> said = new CopyOnWriteArrayList<>();
        final List<String> renamed = new CopyOnWriteArrayList<>();
        volatile Consumer<TurnEvent> events = _ -> {};

        @Override
        public void start(Consumer<TurnEvent> listener) {
            events = listener;
        }

        @Override
        public void send(@Nullable String to, PeerMessage message) {
            said.add("message " + message);
        }

        @Override
        public void say(@Nullable String to, String text, Weight weight) {
            said.add((to == null ? "" : to + " > ") + text);
        }

        @Override
        public void rename(String nick) {
            renamed.add(nick);
        }

        @Override
        public ChannelStatus status() {
            return new ChannelStatus(
                    false,
                    "irc #usenet",
                    "ss-anna",
                    null,
                    "no server",
                    1,
                    2,
                    new ChannelStatus.Lines(1, 2, 3, 4),
                    Map.of("not-irc", 1L));
        }

        @Override
        public void leave(String reason, Duration limit) {}

        @Override
        public void close() {}
    }

    @Test
    void given_a_bridge_when_the_peoples_side_is_lost_then_turns_go_on_and_commands_come_from_it()
            throws Exception {
        var chat = new Chat();
        var anna = new Party("anna", SIGNED, channel -> new BridgedChannel(chat, channel));
        Party ben = party("ben");
        untilAllKnowAll();

        chat.events.accept(new TurnEvent.Joined("ss-anna", Casemapping.RFC1459, Set.of("boss")));
        chat.events.accept(new TurnEvent.Heard("boss", false, new PeerMessage.StartElection()));
        chat.events.accept(new TurnEvent.Asked(new Asker("boss", false), new Command.Version()));
        soon("the people hear").until(() -> chat.said.contains("svcshare version test"));
        chat.events.accept(new TurnEvent.Renamed("ss-anna", "ss-anne"));
        chat.events.accept(
                new TurnEvent.Asked(new Asker("boss", true), new Command.Nick("ss-ann")));
        soon("renamed").until(() -> chat.renamed.contains("ss-ann"));
        chat.events.accept(new TurnEvent.Lost("ping timeout"));
        ben.queueMb = 20;
        untilOpen(ben, true);

        assertEquals("anna", anna.bot.view().nick());
        assertEquals(List.of("ben"), anna.bot.view().peers());
        assertTrue(anna.bot.view().inChannel());
        assertFalse(chat.said.stream().anyMatch(line -> line.startsWith("message")));
    }

    @Test
    void given_a_bridge_when_asked_for_its_status_then_both_sides_are_in_it() {
        var chat = new Chat();
        var bots =
                new Chat() {
                    @Override
                    public ChannelStatus status() {
                        return new ChannelStatus(
                                true,
                                "group",
                                "anna",
                                Instant.EPOCH,
                                "",
                                2,
                                3,
                                new ChannelStatus.Lines(10, 20, 30, 40),
                                Map.of("not-irc", 1L, "unsigned", 5L));
                    }
                };

        assertEquals(
                new ChannelStatus(
                        true,
                        "group; people in irc #usenet",
                        "anna",
                        Instant.EPOCH,
                        "no server",
                        3,
                        5,
                        new ChannelStatus.Lines(11, 22, 33, 44),
                        Map.of("not-irc", 2L, "unsigned", 5L)),
                new BridgedChannel(chat, bots).status());
    }

    @Test
    void given_a_bridge_when_something_is_answered_then_it_goes_where_it_was_asked() {
        var chat = new Chat();
        var bots = new Chat();
        var bridge = new BridgedChannel(chat, bots);

        bridge.say("boss", "to you", Weight.ANSWER);
        bridge.say(null, "to all", Weight.CHATTER);
        bridge.say("operator@ben", "to the operator", Weight.ANSWER);

        assertEquals(List.of("boss > to you", "to all"), chat.said);
        assertEquals(List.of("operator@ben > to the operator"), bots.said);
    }

    // Parts.

    private final class Door implements Gate {
        volatile boolean isOpen;

        synchronized void set(boolean wanted) {
            if (wanted != isOpen) {
                isOpen = wanted;
                int now = wanted ? open.incrementAndGet() : open.decrementAndGet();
                mostOpen.accumulateAndGet(now, Math::max);
            }
        }

        @Override
        public CompletionStage<Void> open() {
            set(true);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> open(Moment until) {
            return open();
        }

        @Override
        public void extend(Moment until) {}

        @Override
        public CompletionStage<Integer> drain(Duration limit) {
            return shut();
        }

        @Override
        public CompletionStage<Integer> shut() {
            set(false);
            return CompletableFuture.completedFuture(0);
        }

        @Override
        public GateCounts counts() {
            return new GateCounts(0, 0, 0, 0, 0, List.of());
        }

        @Override
        public int port() {
            return 0;
        }

        @Override
        public void limit(long bytesPerSecond) {}

        @Override
        public void close() {}
    }

    private record Program(Party party) implements ClientProgram {
        @Override
        public Probe probe() {
            return new Probe("test", "1");
        }

        @Override
        public QueueSnapshot snapshot() {
            return new QueueSnapshot(party.queueMb, 0, 0, 0, false, 0);
        }

        @Override
        public void pause() {}

        @Override
        public void resume() {}

        @Override
        public List<String> enqueue(List<String> ids) {
            return ids;
        }

        @Override
        public void limit(long bytesPerSecond) {}

        @Override
        public void close() {}
    }
}
