package org.svcshare.daemon;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.bot.Bot;
import org.svcshare.bot.StateFolder;
import org.svcshare.client.ClientPrograms;
import org.svcshare.config.Settings;
import org.svcshare.gate.TcpGate;
import org.svcshare.irc.IrcChannel;
import org.svcshare.ircd.Ircd;
import org.svcshare.turn.Happening;

/// One running svcshare: the parts that the settings ask for, built and started in order, stopped
/// in reverse.
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final Bot bot;

    private Daemon(Settings settings) throws IOException {
        try {
            StateFolder state = part(StateFolder.open(settings.stateFolder()));
            if (settings.ircd().enabled()) {
                part(Ircd.start(settings.ircd()));
            }
            var tellers = new Tellers();
            tellers.add((_, _, _) -> {});
            var client = ClientPrograms.open(settings.client(), new KeptItems(state));
            var random = new SecureRandom();
            var keeper = Bot.keeper(settings.turn(), state, random);
            var channel =
                    new IrcChannel(
                            settings.irc(),
                            settings.peers(),
                            settings.commands(),
                            keeper.bootId(),
                            InstantSource.system(),
                            random);
            bot =
                    part(
                            new Bot(
                                    keeper,
                                    channel,
                                    client,
                                    state,
                                    tellers,
                                    settings.client().pollEvery()));
            bot.start(new TcpGate(settings.gate(), bot.gateListener()));
        } catch (IOException | RuntimeException e) {
            closeParts();
            throw e;
        }
    }

    /// Builds and starts everything; returns when all parts run (the channel may still connect).
    ///
    /// @throws IOException when a port is taken or the state folder cannot be used; the message is
    ///   for people
    public static Daemon start(Settings settings) throws IOException {
        return new Daemon(settings);
    }

    private <T extends AutoCloseable> T part(T made) {
        parts.push(made);
        return made;
    }

    /// Gives up the turn politely and stops all parts; returns when done or at the limit.
    public void stop(Duration limit) {
        if (stopping.compareAndSet(false, true)) {
            bot.stop("svcshare stops", limit);
            closeParts();
            ended.countDown();
        }
    }

    /// Blocks until the daemon has stopped.
    ///
    /// @return whether it was stopped, rather than failed
    public boolean await() throws InterruptedException {
        bot.await();
        boolean stopped = stopping.get();
        if (!stopped) {
            close();
        }
        ended.await();
        return stopped;
    }

    /// Stops at once.
    @Override
    public void close() {
        stopping.set(true);
        closeParts();
        ended.countDown();
    }

    private synchronized void closeParts() {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                LOG.warn("a part did not stop well: {}", e.toString());
            }
        }
    }

    /// Everybody who wants to hear what happens, and the log.
    private static final class Tellers implements Bot.Listener {
        private static final Logger HAPPENED = LoggerFactory.getLogger("svcshare.turn");
        private final Deque<Bot.Listener> listeners = new ArrayDeque<>();

        void add(Bot.Listener listener) {
            listeners.add(listener);
        }

        @Override
        public void happened(Happening happening, Instant when, String nick) {
            HAPPENED.info("{}", happening);
            for (Bot.Listener listener : listeners) {
                listener.happened(happening, when, nick);
            }
        }
    }
}
