package org.svcshare.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.svcshare.bot.Bot;
import org.svcshare.bot.StateFolder;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.GateSettings;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.PeerSettings;
import org.svcshare.gate.Gate;
import org.svcshare.gate.TcpGate;
import org.svcshare.irc.IrcChannel;
import org.svcshare.turn.Happening;
import org.svcshare.turn.TurnSettings;

/// One person of the demonstration: a bot, its gate, and a client program behind it.
final class Participant implements AutoCloseable {
    private static final double MB = 1024 * 1024;
    private static final Duration POLL_EVERY = Duration.ofMillis(500);

    private final String nick;
    private final StateFolder state;
    private final Gate gate;
    private final SampleClient client;
    private final Bot bot;
    private int turns;
    private Duration waited = Duration.ZERO;

    Participant(
            TurnSettings turn,
            IrcSettings irc,
            CommandSettings commands,
            GateSettings gateSettings,
            OverlapWatch watch,
            Path stateFolder,
            Random random)
            throws IOException {
        nick = irc.nick();
        state = StateFolder.open(stateFolder);
        var keeper = Bot.keeper(turn, state, random);
        var channel =
                new IrcChannel(
                        irc,
                        PeerSettings.ANY,
                        commands,
                        keeper.bootId(),
                        InstantSource.system(),
                        random);
        // The client asks for the gate's port and the bot for the client: a knot by nature.
        var port = new GatePort();
        client = new SampleClient(port, random);
        bot = new Bot(keeper, channel, client, state, this::happened, POLL_EVERY);
        gate = watch.watch(nick, new TcpGate(gateSettings, bot.gateListener()));
        port.of(gate);
    }

    void start() {
        bot.start(gate);
    }

    private synchronized void happened(Happening happening, Instant when, String by) {
        if (happening instanceof Happening.TurnGranted granted) {
            turns++;
            waited = waited.plus(granted.waited());
        }
    }

    synchronized Summary.Share share() {
        return new Summary.Share(
                nick,
                turns,
                Math.round(gate.counts().movedBytes() / MB * 10) / 10.0,
                Math.round(waited.toMillis() / 100.0) / 10.0);
    }

    void stop(Duration limit) {
        bot.stop("the demonstration is over", limit);
    }

    @Override
    public void close() {
        bot.close();
        state.close();
    }

    /// Where the gate listens, known once there is one.
    private static final class GatePort implements java.util.function.IntSupplier {
        private volatile @org.jspecify.annotations.Nullable Gate gate;

        void of(Gate made) {
            gate = made;
        }

        @Override
        public int getAsInt() {
            Gate made = gate;
            return made == null ? 0 : made.port();
        }
    }
}
