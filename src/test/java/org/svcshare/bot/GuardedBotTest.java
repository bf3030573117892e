package org.svcshare.bot;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.RequestId;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.TurnEvent;
import org.svcshare.turn.TurnSettings;

/// The loop, its lease and a real lock table.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GuardedBotTest {
    private static final Asker ANNA = new Asker("anna", false);
    private static final RequestId BEN = new RequestId(0, 1);

    @TempDir Path folder;
    private final BotTest.Channel channel = new BotTest.Channel();
    private final BotTest.Door gate = new BotTest.Door();
    private final BotTest.Program client = new BotTest.Program();
    private final TestEngine table = new TestEngine("uplink", () -> System.nanoTime() / 1_000_000);
    private @Nullable StateFolder state;
    private @Nullable Bot bot;

    @BeforeEach
    void start() throws IOException {
        state = StateFolder.open(folder);
        var settings = TurnSettings.defaults("anna", "1.0").withGuard(true);
        bot =
                new Bot(
                        Bot.keeper(settings, state, new Random(1)),
                        channel,
                        client,
                        state,
                        (what, when, nick) -> {},
                        Duration.ofMillis(50),
                        Optional.of(
                                new Guard(
                                        new PoolLock(() -> Optional.of(table), "uplink"),
                                        Guard.LEAST)),
                        () -> Optional.of(table),
                        Optional::empty,
                        Optional::empty);
        bot.start(gate);
        await().until(() -> channel.events != null);
        tell(new TurnEvent.Joined("svc", Casemapping.RFC1459, Set.of("svc")));
        await().until(() -> bot().view().inChannel());
    }

    @AfterEach
    void stop() {
        bot().close();
        if (state != null) {
            state.close();
        }
    }

    @Test
    void given_a_free_lock_when_the_turn_comes_then_the_gate_opens_under_it_and_stays_open() {
        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));

        await().until(() -> bot().view().gateOpen());
        assertEquals("svc", table.holder());
        assertTrue(bot().view().fence() > 0);
        await().until(() -> gate.calls.stream().filter("extend"::equals).count() >= 3);
        assertTrue(gate.calls.contains("open until"));
    }

    @Test
    void given_a_taken_lock_when_the_turn_comes_then_the_gate_waits_for_it() {
        table.apply(
                new Operation.Acquire(
                        BEN, "uplink", "ben", "", Mode.EXCLUSIVE, 0, 60_000, 0, false));
        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));

        await().until(() -> channel.said.contains("Waiting for the guard: held by ben."));
        assertFalse(gate.calls.contains("open until"));
        table.apply(new Operation.Release(BEN, "uplink"));

        await().until(() -> gate.calls.contains("open until"));
    }

    @Test
    void given_an_open_gate_when_the_lease_is_taken_away_then_it_closes_and_the_channel_hears() {
        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));
        await().until(() -> bot().view().gateOpen());
        gate.calls.clear();

        table.takeAway();

        await().until(() -> gate.calls.contains("shut"));
        await().until(() ->
                channel.said.contains("Closing: the guard was lost: it was taken away."));
    }

    @Test
    void given_an_open_gate_when_it_closed_by_itself_then_the_turn_is_given_up() {
        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));
        await().until(() -> bot().view().gateOpen());

        bot().gateListener().lapsed();

        await().until(() -> !bot().view().holds());
        await().until(() -> table.holder().isEmpty());
    }

    @Test
    void given_an_open_gate_when_the_bot_stops_then_the_lease_is_given_back() {
        tell(new TurnEvent.Asked(ANNA, new Command.Force(0)));
        await().until(() -> bot().view().gateOpen());

        bot().stop("bye", Duration.ofSeconds(5));

        assertEquals("", table.holder());
    }

    private Bot bot() {
        if (bot == null) {
            throw new IllegalStateException("not started");
        }
        return bot;
    }

    private void tell(TurnEvent event) {
        var events = channel.events;
        if (events == null) {
            throw new IllegalStateException("not started");
        }
        events.accept(event);
    }
}
