package org.svcshare.it;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.Endpoint;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;
import org.svcshare.irc.IrcChannel;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEvent;

/// An [IrcChannel] at a real server, with what it told.
final class IrcBot implements AutoCloseable {
    final IrcChannel channel;
    final String bootId;
    private final BlockingQueue<TurnEvent> events = new LinkedBlockingQueue<>();

    private IrcBot(IrcChannel channel, String bootId) {
        this.channel = channel;
        this.bootId = bootId;
        channel.start(events::add);
    }

    /// What a test varies; everything is quick.
    static final class Wish {
        final int port;
        final String nick;
        TlsSettings tls = TlsSettings.OFF;
        String password = "";
        String key = "";
        PeerSettings peers = PeerSettings.ANY;
        IrcSettings.SaslSettings sasl = IrcSettings.SaslSettings.NONE;
        Optional<IrcSettings.NickServSettings> nickServ = Optional.empty();
        CommandSettings commands = new CommandSettings("boss", List.of(), Map.of());

        Wish(int port, String nick) {
            this.port = port;
            this.nick = nick;
        }

        Wish tls(TlsSettings tls) {
            this.tls = tls;
            return this;
        }

        Wish password(String password) {
            this.password = password;
            return this;
        }

        Wish key(String key) {
            this.key = key;
            return this;
        }

        Wish peers(PeerSettings peers) {
            this.peers = peers;
            return this;
        }

        Wish sasl(IrcSettings.SaslSettings sasl) {
            this.sasl = sasl;
            return this;
        }

        /// The account is named as the nick.
        Wish nickServ(String password) {
            this.nickServ =
                    Optional.of(
                            new IrcSettings.NickServSettings(
                                    "NickServ", nick, new Secret(password)));
            return this;
        }

        Wish commands(CommandSettings commands) {
            this.commands = commands;
            return this;
        }

        IrcBot start() {
            var settings =
                    new IrcSettings(
                            new Endpoint("127.0.0.1", port),
                            tls,
                            nick,
                            "ss|" + nick,
                            nick,
                            "#usenet",
                            secret(key),
                            Optional.empty(),
                            secret(password),
                            sasl,
                            nickServ,
                            true,
                            Duration.ofSeconds(5),
                            Duration.ofMillis(100),
                            Duration.ofSeconds(1),
                            Duration.ofMillis(300),
                            Duration.ofMillis(300),
                            Duration.ofSeconds(30),
                            Duration.ofSeconds(5),
                            20,
                            Duration.ofMillis(50),
                            false);
            String boot = String.format("%016x", RandomGenerator.getDefault().nextLong());
            return new IrcBot(
                    new IrcChannel(
                            settings,
                            peers,
                            commands,
                            boot,
                            InstantSource.system(),
                            RandomGenerator.getDefault()),
                    boot);
        }

        private static Optional<Secret> secret(String text) {
            return text.isEmpty() ? Optional.empty() : Optional.of(new Secret(text));
        }
    }

    PeerMessage hello() {
        return new PeerMessage.Hello("boss", "1.0", 2, bootId, "smallest-queue", false);
    }

    /// The next event of a kind; those before it are skipped.
    <E extends TurnEvent> E next(Class<E> kind) {
        try {
            while (true) {
                TurnEvent event = events.poll(15, TimeUnit.SECONDS);
                if (event == null) {
                    throw new AssertionError(
                            "no " + kind.getSimpleName() + "; " + channel.status());
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        channel.close();
    }
}
