package org.svcshare.gate;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GateSettings;
import org.svcshare.config.GateSettings.WhenClosed;

/// A gate for TCP: without TLS to the service on a bare selector, with TLS on Netty.
///
/// The `home` loop owns whether the gate is open; it accepts, and hands each connection to one
/// lane, its own one among them where there is no TLS. Binding and unbinding block and happen one
/// after the other on a control thread, so a shut never waits for a slow open to take effect, only
/// to be reported.
public final class TcpGate implements Gate {

    /// What moves the bytes.
    enum Engine {
        SELECTOR,
        NETTY
    }

    private static final Logger LOG = LoggerFactory.getLogger(TcpGate.class);
    private static final Duration CLOSING = Duration.ofSeconds(5);

    /// Beside haproxy with two threads on two cores, two loops carry 1.3 times the small messages
    /// of one at the same CPU for each (bench/README.md).
    private static final int MOST_LOOPS = 2;

    private final GateSettings settings;
    private final GateListener listener;
    private final AllowList allow;
    private final Shaping shaping = new Shaping();
    private final Tally tally = new Tally();
    private final Validity validity;
    private final Resolver resolver = new Resolver();
    private final Map<Long, Pair> pairs = new ConcurrentHashMap<>();
    private final AtomicBoolean freed = new AtomicBoolean();
    private final SelectorLoop home;
    private final List<Lane> lanes = new ArrayList<>();
    private final ExecutorService control;
    private final Door door;
    private final PairOwner pairOwner = new PairOwner();

    /// Read by all loops, so that a connection's end is not reported home when nobody waits for it.
    private volatile boolean draining;

    // From here on: owned by the home loop.
    private final HeldClients held;
    private final List<Drain> drains = new ArrayList<>();
    private boolean open;
    private boolean gone;
    private long generation;
    private long lastId;
    private int mostPairs = Integer.MAX_VALUE;

    private record Drain(CompletableFuture<Integer> done, CompletableFuture<?> unbound) {}

    /// @throws IllegalArgumentException with a text for people, for a network, pin or file in the
    ///   settings that is not right
    public TcpGate(GateSettings settings, GateListener listener) {
        this(
                settings,
                listener,
                settings.targetTls().enabled() ? Engine.NETTY : Engine.SELECTOR,
                loopsForThisMachine());
    }

    TcpGate(GateSettings settings, GateListener listener, Engine engine, int loopCount) {
        this.settings = settings;
        this.listener = listener;
        allow = new AllowList(settings.allow());
        Optional<TargetTls> tls = TargetTls.of(settings.targetTls());
        home = new SelectorLoop("gate");
        validity = new Validity(home, this::lapsed);
        for (int i = 0; i < loopCount; i++) {
            Relay relay =
                    switch (engine) {
                        case SELECTOR ->
                                new PlainRelay(i == 0 ? home : new SelectorLoop("gate-" + i));
                        case NETTY -> new NettyRelay(tls);
                    };
            lanes.add(
                    new Lane(
                            relay,
                            shaping,
                            tally,
                            validity,
                            settings.connectTimeout(),
                            settings.idleTimeout()));
        }
        control =
                Executors.newSingleThreadExecutor(
                        Thread.ofVirtual().name("gate control").factory());
        door = new Door(settings.listen(), home, this::arrived);
        held = new HeldClients(home, settings.holdLimit());
        shaping.limit(settings.bandwidthBps(), System.nanoTime());
        home.start();
        lanes.forEach(lane -> lane.relay().start());
    }

    @Override
    public CompletionStage<Void> open() {
        return openUntil(null);
    }

    @Override
    public CompletionStage<Void> open(Moment until) {
        return openUntil(until);
    }

    @Override
    public void extend(Moment until) {
        validity.extend(until);
    }

    private CompletionStage<Void> openUntil(@Nullable Moment until) {
        var done = new CompletableFuture<Void>();
        atHome(
                done,
                () -> {
                    long mine = ++generation;
                    if (gone) {
                        throw new IOException("the gate is closed for good");
                    }
                    controlled(done, () -> openDoor(mine, until, done));
                });
        return done;
    }

    private void openDoor(long mine, @Nullable Moment until, CompletableFuture<Void> done)
            throws IOException, InterruptedException {
        // Who comes before the gate counts as open waits in the backlog.
        door.bind();
        int most = Descriptors.mostPairs();
        atHome(
                done,
                () -> {
                    if (mine != generation) {
                        throw new IOException("closed again before the gate was open");
                    }
                    if (until != null && until.reached()) {
                        var _ = shut();
                        throw new IOException("too late: the time to be open is over");
                    }
                    door.accept();
                    validity.begin(until);
                    mostPairs = most;
                    open = true;
                    superseded();
                    held.leave().forEach(this::pass);
                    done.complete(null);
                });
    }

    @Override
    public CompletionStage<Integer> drain(Duration limit) {
        var done = new CompletableFuture<Integer>();
        atHome(
                done,
                () -> {
                    generation++;
                    open = false;
                    var drain = new Drain(done, unbind());
                    drains.add(drain);
                    draining = true;
                    var _ = drain.unbound().whenComplete((_, _) -> atHome(done, this::checkDrains));
                    // Over-long limits would overflow; a week is for ever here.
                    Duration week = Duration.ofDays(7);
                    Duration waiting = limit.compareTo(week) > 0 ? week : limit;
                    home.schedule(() -> drainLimit(drain), Math.max(0, waiting.toNanos()));
                });
        return done;
    }

    private void drainLimit(Drain drain) {
        if (drains.contains(drain)) {
            draining = false;
            var _ = cutAll().thenAcceptAsync(cut -> finishDrains(cut), home);
        }
    }

    private void checkDrains() {
        if (draining && pairs.isEmpty()) {
            finishDrains(0);
        }
    }

    private void finishDrains(int cut) {
        var finished = List.copyOf(drains);
        superseded();
        for (Drain drain : finished) {
            var _ = drain.unbound().whenComplete((_, _) -> drain.done().complete(cut));
        }
    }

    /// The drains that still wait end with nothing cut, unless somebody completes them first.
    private void superseded() {
        draining = false;
        var ended = List.copyOf(drains);
        drains.clear();
        if (open) {
            ended.forEach(drain -> drain.done().complete(0));
        }
    }

    @Override
    public CompletionStage<Integer> shut() {
        var done = new CompletableFuture<Integer>();
        atHome(
                done,
                () -> {
                    generation++;
                    open = false;
                    draining = false;
                    CompletableFuture<?> unbound = unbind();
                    var _ =
                            cutAll().thenAcceptAsync(
                                            cut -> {
                                                finishDrains(cut);
                                                var _ =
                                                        unbound.whenComplete(
                                                                (_, _) -> done.complete(cut));
                                            },
                                            home);
                });
        return done;
    }

    /// The moment was reached until which this gate was opened; on the home loop.
    private void lapsed() {
        if (validity.holds() || !(open || draining)) {
            return;
        }
        LOG.warn("the time to be open is over; the gate closes");
        var _ = shut();
        listener.lapsed();
    }

    /// Closes the door, or opens it for those who knock.
    private CompletableFuture<?> unbind() {
        var done = new CompletableFuture<Void>();
        boolean refuse = gone || settings.whenClosed() == WhenClosed.REFUSE;
        controlled(
                done,
                () -> {
                    if (refuse) {
                        door.close();
                    } else {
                        try {
                            door.open();
                        } catch (IOException e) {
                            // Closed it is all the same.
                            LOG.warn("nobody can knock at the closed gate: {}", e.getMessage());
                        }
                    }
                    done.complete(null);
                });
        return done;
    }

    private CompletableFuture<Integer> cutAll() {
        CompletableFuture<Integer> all = CompletableFuture.completedFuture(0);
        for (Lane lane : lanes) {
            var cut = CompletableFuture.supplyAsync(lane::resetAll, lane.loop());
            all = all.thenCombine(cut, Integer::sum);
        }
        return all;
    }

    @Override
    public GateCounts counts() {
        return new GateCounts(
                tally.upBytes.sum(),
                tally.downBytes.sum(),
                tally.opened.sum(),
                tally.refused.sum(),
                tally.knocks.sum(),
                pairs.values().stream().map(Pair::counts).toList());
    }

    @Override
    public int port() {
        return door.port();
    }

    @Override
    public void limit(long bytesPerSecond) {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException("a bandwidth of " + bytesPerSecond + " B/s");
        }
        shaping.limit(bytesPerSecond, System.nanoTime());
        for (Lane lane : lanes) {
            try {
                lane.loop()
                        .execute(() -> {
                            lane.wake(Direction.UP);
                            lane.wake(Direction.DOWN);
                        });
            } catch (RejectedExecutionException _) {
                // Closed for good: nothing flows.
                return;
            }
        }
    }

    @Override
    public void close() {
        if (!freed.compareAndSet(false, true)) {
            return;
        }
        var shut = new CompletableFuture<Integer>();
        atHome(
                shut,
                () -> {
                    gone = true;
                    held.leave().forEach(Sockets::reset);
                    shut().whenComplete((cut, _) -> shut.complete(cut == null ? 0 : cut));
                });
        boolean mayWait = !home.inLoop() && lanes.stream().noneMatch(lane -> lane.loop().inLoop());
        var _ =
                shut.completeOnTimeout(0, CLOSING.toMillis(), TimeUnit.MILLISECONDS)
                        .whenComplete((_, _) -> free());
        if (mayWait) {
            shut.join();
            lanes.forEach(lane -> lane.relay().awaitEnd(CLOSING));
            home.awaitEnd(CLOSING);
        }
    }

    private void free() {
        control.shutdown();
        lanes.forEach(lane -> lane.relay().stop());
        home.stop();
    }

    /// Somebody connected; on the home loop.
    private void arrived(SocketChannel client) {
        InetSocketAddress address = Door.peer(client);
        if (address == null || !allow.allows(address.getAddress())) {
            tally.refused.increment();
            Sockets.reset(client);
        } else if (open && validity.holds()) {
            pass(client);
        } else {
            tally.knocks.increment();
            try {
                // First the listener: the client may act upon its reset at once.
                listener.knocked();
            } finally {
                if (settings.whenClosed() == WhenClosed.HOLD && !gone) {
                    held.hold(client);
                } else {
                    Sockets.reset(client);
                }
            }
        }
    }

    private void pass(SocketChannel client) {
        int most =
                settings.maxConnections() > 0
                        ? Math.min(settings.maxConnections(), mostPairs)
                        : mostPairs;
        if (pairs.size() >= most) {
            tally.refused.increment();
            Sockets.reset(client);
            return;
        }
        long id = ++lastId;
        Lane lane = lanes.get((int) (id % lanes.size()));
        Pair pair = lane.pair(id, client, pairOwner);
        pairs.put(id, pair);
        var dialer =
                new Dialer(lane.loop(), resolver, settings.connectTimeout(), settings.targets());
        if (lane.loop().inLoop()) {
            pair.begin(dialer);
        } else {
            lane.loop().execute(() -> pair.begin(dialer));
        }
        listener.connectionsChanged();
    }

    private final class PairOwner implements Pair.Owner {
        @Override
        public void connected(Pair pair) {
            tally.opened.increment();
        }

        @Override
        public void unreachable(Pair pair, String why) {
            tally.refused.increment();
            listener.targetFailed(why);
        }

        @Override
        public void ended(Pair pair) {
            pairs.remove(pair.id());
            if (draining) {
                home.execute(TcpGate.this::checkDrains);
            }
            listener.connectionsChanged();
        }
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    /// Runs a step on the home loop; what it throws fails the promise.
    private void atHome(CompletableFuture<?> promise, Step step) {
        run(home, promise, step);
    }

    private void controlled(CompletableFuture<?> promise, Step step) {
        run(control, promise, step);
    }

    private static void run(
            java.util.concurrent.Executor where, CompletableFuture<?> promise, Step step) {
        try {
            where.execute(() -> {
                try {
                    step.run();
                } catch (IOException | InterruptedException | RuntimeException e) {
                    promise.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            promise.completeExceptionally(new IOException("the gate is closed for good", e));
        }
    }

    static int loopsForThisMachine() {
        return Math.min(MOST_LOOPS, Runtime.getRuntime().availableProcessors());
    }
}
