package org.svcshare.daemon;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.bot.Bot;
import org.svcshare.bot.Guard;
import org.svcshare.bot.Lock;
import org.svcshare.bot.PoolLock;
import org.svcshare.bot.StateFolder;
import org.svcshare.channel.BridgedChannel;
import org.svcshare.channel.PeerChannel;
import org.svcshare.client.ClientPrograms;
import org.svcshare.client.CountedClient;
import org.svcshare.config.GuardSettings;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.Settings;
import org.svcshare.gate.TcpGate;
import org.svcshare.hook.Hooks;
import org.svcshare.hook.Reporter;
import org.svcshare.irc.IrcChannel;
import org.svcshare.ircd.Ircd;
import org.svcshare.journal.SharedLog;
import org.svcshare.replica.Replicas;
import org.svcshare.store.MemberGroup;
import org.svcshare.web.StatusSource;

/// One running svcshare: the parts that the settings ask for, built and started in order, stopped
/// in reverse.
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean stopping = new AtomicBoolean();

    /// Null where only pools are served.
    private final @Nullable Bot bot;

    private final PoolService pools;
    private volatile Optional<ReplicaService> replica = Optional.empty();

    private Daemon(Settings settings) throws IOException {
        try {
            StateFolder state = part(StateFolder.open(settings.stateFolder()));
            var tellers = part(new Tellers());
            Optional<Hooks> hooks = hooks(settings, tellers);
            Optional<Membership> membership = Membership.start(settings, hooks);
            membership.ifPresent(this::part);
            Optional<MemberGroup> members = membership.map(Membership::group);
            boolean sharesWrites = ReplicaService.shares(settings);
            if (!sharesWrites) {
                startReplicas(settings, Optional.empty());
            }
            if (!settings.bot()) {
                var status = StatusSource.poolsAlone(settings.turn().version());
                bot = null;
                pools = part(new PoolService(settings, members, status));
                startPools(settings, sharesWrites);
                return;
            }
            IrcSettings irc = settings.irc();
            if (settings.ircd().enabled()) {
                Ircd ircd = part(Ircd.start(settings.ircd()));
                if (irc.server().equals(settings.ircd().listen())) {
                    // The port may have been any free one.
                    irc = irc.at(ircd.listening());
                }
            }
            if (settings.reporter().isPresent()) {
                var reporter = new Reporter(settings.reporter().get());
                tellers.add(reporter::accept, reporter::finish, reporter);
            }
            var client =
                    new CountedClient(ClientPrograms.open(settings.client(), new KeptItems(state)));
            var random = new SecureRandom();
            var keeper = Bot.keeper(settings.turn(), state, random);
            PeerChannel channel = channel(settings, irc, membership, keeper.bootId(), random);
            var status = new BotStatus(settings, channel, client);
            pools = part(new PoolService(settings, members, status));
            tellers.add((happening, _, _) -> status.happened(happening), _ -> {}, () -> {});
            tellers.add(pools::happened, _ -> {}, () -> {});
            var built =
                    part(
                            new Bot(
                                    keeper,
                                    channel,
                                    client,
                                    state,
                                    tellers,
                                    settings.client().pollEvery(),
                                    guard(settings, pools),
                                    pools::engine,
                                    () -> members,
                                    this::replicas));
            bot = built;
            var gate = new TcpGate(settings.gate(), built.gateListener());
            status.show(built, gate);
            built.start(gate);
            // The bot connects meanwhile: nobody's turn waits for the pools.
            startPools(settings, sharesWrites);
        } catch (IllegalArgumentException e) {
            // A part cannot mean its settings, such as a file that holds no certificate.
            closeParts();
            throw new IOException(e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            closeParts();
            throw e;
        }
    }

    private void startPools(Settings settings, boolean sharesWrites) throws IOException {
        pools.start();
        if (sharesWrites) {
            startReplicas(settings, pools.sharedLog());
        }
        pools.listen(replicas());
    }

    private void startReplicas(Settings settings, Optional<SharedLog> shared) throws IOException {
        replica = ReplicaService.start(settings, shared);
        replica.ifPresent(this::part);
    }

    private Optional<Replicas> replicas() {
        return replica.map(ReplicaService::replicas);
    }

    /// Builds and starts everything; returns when all parts run (the channel may still connect).
    ///
    /// @throws IOException when a port is taken or the state folder cannot be used; the message is
    ///   for people
    public static Daemon start(Settings settings) throws IOException {
        return new Daemon(settings);
    }

    private static Optional<Hooks> hooks(Settings settings, Tellers tellers) {
        if (settings.hooks().isEmpty()) {
            return Optional.empty();
        }
        var hooks = new Hooks(settings.hooks());
        tellers.add(hooks::accept, hooks::finish, hooks);
        return Optional.of(hooks);
    }

    /// Where bots vote and people command.
    private static PeerChannel channel(
            Settings settings,
            IrcSettings irc,
            Optional<Membership> membership,
            String bootId,
            RandomGenerator random) {
        Supplier<PeerChannel> onIrc =
                () ->
                        new IrcChannel(
                                irc,
                                settings.peers(),
                                settings.commands(),
                                bootId,
                                InstantSource.system(),
                                random);
        Supplier<PeerChannel> inGroup =
                () ->
                        membership
                                .orElseThrow()
                                .group()
                                .channel(
                                        settings.peers(),
                                        settings.commands(),
                                        bootId,
                                        InstantSource.system(),
                                        random);
        return switch (settings.channel()) {
            case IRC -> onIrc.get();
            case GOSSIP -> inGroup.get();
            case BOTH -> new BridgedChannel(onIrc.get(), inGroup.get());
        };
    }

    /// What the bot's gate opens under.
    private Optional<Guard> guard(Settings settings, PoolService pools) {
        Optional<GuardSettings> asked = settings.guard();
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        GuardSettings guard = asked.get();
        Lock lock =
                guard.url().isPresent()
                        ? part(new RemoteLock(GuardServer.of(guard)))
                        : new PoolLock(pools::engine, guard.pool());
        return Optional.of(new Guard(lock, guard.lease()));
    }

    private <T extends AutoCloseable> T part(T made) {
        parts.push(made);
        return made;
    }

    /// Gives up the turn politely and stops all parts; returns when done or at the limit.
    public void stop(Duration limit) {
        if (stopping.compareAndSet(false, true)) {
            var draining = Thread.ofVirtual().name("drain").start(() -> drain(limit));
            if (bot != null) {
                bot.stop("svcshare stops", limit);
            }
            try {
                draining.join(limit);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            closeParts();
            ended.countDown();
        }
    }

    /// Answers those who wait for something that is not the bot's.
    private void drain(Duration limit) {
        var copies =
                replica.map(service ->
                        Thread.ofVirtual()
                                .name("drain replicas")
                                .start(() -> service.drain(limit)));
        pools.drain();
        try {
            if (copies.isPresent()) {
                copies.get().join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Blocks until the daemon has stopped.
    ///
    /// @return whether it was stopped, rather than failed
    public boolean await() throws InterruptedException {
        boolean stopped = true;
        if (bot != null) {
            bot.await();
            stopped = stopping.get();
            if (!stopped) {
                close();
            }
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
}
