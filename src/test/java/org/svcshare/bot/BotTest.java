package org.svcshare.bot;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.channel.ChannelStatus;
import org.svcshare.channel.PeerChannel;
import org.svcshare.client.ClientException;
import org.svcshare.client.ClientProgram;
import org.svcshare.gate.Gate;
import org.svcshare.gate.GateCounts;
import org.svcshare.gate.Moment;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.Happening;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.QueueSnapshot;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;
import org.svcshare.turn.TurnSettings;

/// The loop with a channel, a gate and a client that the test moves by hand.
class BotTest {
    private static final Asker ANNA = new Asker("anna", false);

    @TempDir Path folder;
    private final Channel channel = new Channel();
    private final Door gate = new Door();
    private final Program client = new Program();
    private final List<Happening> happened = new CopyOnWriteArrayList<>();
    private @Nullable StateFolder state;
    private @Nullable Bot bot;

    @BeforeEach
    void start() throws IOException {
        state = StateFolder.open(folder);
        var keeper = Bot.keeper(TurnSettings.defaults("anna", "1.0"), state, new Random(1));
        bot =
                new Bot(
                        keeper,
                        channel,
                        client,
                        state,
                        (what, when, nick) -> happened.add(what),
                        Duration.ofMillis(50));
        bot.start(gate);
        await().until(() -> channel.events != null);
    }

    @AfterEach
    void stop() {
        bot().close();
        if (state != null) {
            state.close();
        }
    }

    @Test
    void given_a_start_then_gate_and_client_are_shut_before_the_channel_is_joined() {
        assertEquals(List.of("shut"), gate.calls);
        await().until(() -> client.calls.contains("pause"));
    }

    @Test
    void given_a_force_when_alone_then_the_gate_opens_and_the_client_wakes() {
        join();

        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));

        await().until(() -> gate.calls.contains("open"));
        await().until(() -> client.calls.contains("resume"));
        await().until(() -> happened.stream().anyMatch(Happening.TurnGranted.class::isInstance));
        assertTrue(bot().view().gateOpen());
    }

    @Test
    void given_a_turn_when_it_is_announced_then_its_number_is_on_disk() {
        join();
        channel.onSay =
                text -> {
                    if (text.startsWith("Resuming.")) {
                        try {
                            channel.atAnnouncement = Files.readString(folder.resolve("turn.json"));
                        } catch (IOException e) {
                            channel.atAnnouncement = e.toString();
                        }
                    }
                };

        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));

        await().until(() -> channel.atAnnouncement != null);
        assertTrue(
                String.valueOf(channel.atAnnouncement).contains("\"turn\":1"),
                channel.atAnnouncement);
    }

    @Test
    void D17_given_a_client_that_hangs_when_others_ask_then_the_bot_answers_all_the_same() {
        join();
        client.hang = true;
        await().until(() -> client.hanging.getCount() == 0);

        tell(new TurnEvent.Asked(ANNA, new Command.Version()));

        await().until(() -> channel.said.contains("svcshare version 1.0"));
    }

    @Test
    void D16_given_a_taken_port_when_the_turn_comes_then_the_channel_hears_of_it() {
        join();
        gate.failure = new IOException("localhost:8999 is taken");

        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));

        await().until(() -> channel.said.contains("Cannot open the gate: localhost:8999 is taken"));
    }

    @Test
    void given_a_client_that_cannot_pause_when_it_answers_again_then_it_is_paused() {
        client.failing = true;
        join();
        tell(new TurnEvent.Asked(ANNA, new Command.Pause()));
        await().until(() -> channel.said.contains("Paused proxy. Failed to pause client."));
        client.calls.clear();

        client.failing = false;

        await().until(() -> client.calls.contains("pause"));
    }

    @Test
    void given_an_open_gate_when_the_bot_stops_then_the_gate_is_shut_before_it_leaves() {
        join();
        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));
        await().until(() -> bot().view().gateOpen());
        gate.calls.clear();

        bot().stop("bye", Duration.ofSeconds(5));

        assertEquals("shut", gate.calls.getFirst());
        assertEquals(List.of("left: bye"), channel.left);
    }

    @Test
    void given_more_lines_than_can_be_handled_when_they_stop_then_the_bot_still_answers() {
        join();
        for (int i = 0; i < 50_000; i++) {
            tell(new TurnEvent.Heard("old", false, new PeerMessage.StartElection()));
        }
        await().until(() -> {
            tell(new TurnEvent.Asked(ANNA, new Command.Version()));
            return channel.said.contains("svcshare version 1.0");
        });
        assertTrue(channel.sent.size() < 100, () -> "answers: " + channel.sent.size());
    }

    private Bot bot() {
        if (bot == null) {
            throw new IllegalStateException("not started");
        }
        return bot;
    }

    private void join() {
        tell(new TurnEvent.Joined("svc", Casemapping.RFC1459, Set.of("svc", "anna")));
        await().until(() -> bot().view().inChannel());
    }

    private void tell(TurnEvent event) {
        var events = channel.events;
        if (events == null) {
            throw new IllegalStateException("not started");
        }
        events.accept(event);
    }

    static final class Channel implements PeerChannel {
        volatile @Nullable Consumer<TurnEvent> events;
        volatile Consumer<String> onSay = text -> {};
        volatile @Nullable String atAnnouncement;
        final List<String> said = new CopyOnWriteArrayList<>();
        final List<PeerMessage> sent = new CopyOnWriteArrayList<>();
        final List<String> left = new CopyOnWriteArrayList<>();

        @Override
        public void start(Consumer<TurnEvent> listener) {
            events = listener;
        }

        @Override
        public void send(@Nullable String to, PeerMessage message) {
            sent.add(message);
        }

        @Override
        public void say(@Nullable String to, String text, Weight weight) {
            onSay.accept(text);
            said.add(text);
        }

        @Override
        public void rename(String nick) {}

        @Override
        public ChannelStatus status() {
            return new ChannelStatus(
                    true, "test", "svc", null, "", 0, 0, ChannelStatus.Lines.NONE, Map.of());
        }

        @Override
        public void leave(String reason, Duration limit) {
            left.add("left: " + reason);
        }

        @Override
        public void close() {}
    }

    static final class Door implements Gate {
        final List<String> calls = new CopyOnWriteArrayList<>();
        volatile @Nullable IOException failure;

        @Override
        public CompletionStage<Void> open() {
            calls.add("open");
            IOException why = failure;
            return why == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(why);
        }

        @Override
        public CompletionStage<Void> open(Moment until) {
            calls.add("open until");
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void extend(Moment until) {
            calls.add("extend");
        }

        @Override
        public CompletionStage<Integer> drain(Duration limit) {
            calls.add("drain");
            return CompletableFuture.completedFuture(0);
        }

        @Override
        public CompletionStage<Integer> shut() {
            calls.add("shut");
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

    static final class Program implements ClientProgram {
        final List<String> calls = new CopyOnWriteArrayList<>();
        final CountDownLatch hanging = new CountDownLatch(1);
        volatile boolean failing;
        volatile boolean hang;

        @Override
        public Probe probe() {
            return new Probe("test", "1");
        }

        @Override
        public QueueSnapshot snapshot() throws ClientException, InterruptedException {
            if (hang) {
                hanging.countDown();
                new CountDownLatch(1).await();
            }
            call("snapshot");
            return new QueueSnapshot(10, 0, 0, 0, true, 0);
        }

        @Override
        public void pause() throws ClientException {
            call("pause");
        }

        @Override
        public void resume() throws ClientException {
            call("resume");
        }

        @Override
        public List<String> enqueue(List<String> ids) throws ClientException {
            call("enqueue");
            return ids;
        }

        @Override
        public void limit(long bytesPerSecond) {}

        @Override
        public void close() {}

        private void call(String name) throws ClientException {
            if (failing) {
                throw new ClientException(ClientException.Kind.UNREACHABLE, "refused");
            }
            calls.add(name);
        }
    }
}
