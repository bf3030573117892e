package org.svcshare.bot;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.channel.PeerChannel;
import org.svcshare.client.ClientProgram;
import org.svcshare.gate.Gate;
import org.svcshare.gate.GateCounts;
import org.svcshare.gate.GateListener;
import org.svcshare.gate.Moment;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.RequestId;
import org.svcshare.replica.Replicas;
import org.svcshare.store.MemberGroup;
import org.svcshare.turn.Happening;
import org.svcshare.turn.KeptState;
import org.svcshare.turn.TurnEffect;
import org.svcshare.turn.TurnEvent;
import org.svcshare.turn.TurnKeeper;
import org.svcshare.turn.TurnSettings;
import org.svcshare.turn.TurnView;

/// Runs one [TurnKeeper] on a thread of its own: feeds it events, carries out its effects in order,
/// owns its timers.
///
/// The loop never waits for anything but events: the client is asked on virtual threads, the gate
/// and the channel return at once, and while state is being written to disk the effects behind it
/// wait in line, not the loop.
public final class Bot implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bot.class);

    /// What others say beyond this many unhandled lines is dropped.
    private static final int MOST_HEARSAY = 1000;

    private static final Duration TRAFFIC_EVERY = Duration.ofSeconds(1);
    private static final Duration SAVE_LIMIT = Duration.ofSeconds(5);

    private final TurnKeeper keeper;
    private final SteadyClock clock = new SteadyClock();
    private final LinkedBlockingQueue<Inbound> inbound = new LinkedBlockingQueue<>();
    private final AtomicInteger hearsay = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicBoolean trafficChanged = new AtomicBoolean();
    private final Timers timers = new Timers();
    private final Deque<TurnEffect> waiting = new ArrayDeque<>();
    private final PeerChannel channel;
    private final SteeredClient client;
    private final SteeredGate gate;
    private final StateFolder state;
    private final Listener listener;
    private final Duration pollEvery;
    private final @Nullable LeaseKeeper lease;
    private final PoolErrands errands;
    private final GroupErrands groupErrands;
    private final ReplicaErrands replicaErrands;
    private final CompletableFuture<Void> leaseGivenBack = new CompletableFuture<>();
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private @Nullable KeptState saved;
    private @Nullable Instant savingSince;
    private Instant nextPoll = Instant.MIN;
    private Instant nextTraffic = Instant.MIN;
    private volatile TurnView view;
    private volatile boolean ended;

    /// Hears what happened; must return at once.
    public interface Listener {
        void happened(Happening happening, Instant when, String nick);
    }

    /// What waits for the loop.
    private sealed interface Inbound {
        record Event(TurnEvent event) implements Inbound {}

        /// Counts are read when the loop gets to it, so that many changes make one report.
        record GateChanged() implements Inbound {}

        record Saved(KeptState state, boolean done) implements Inbound {}

        /// Something that belongs to this loop and came in on another thread.
        record Step(Runnable work) implements Inbound {}
    }

    /// @param channel not started yet
    /// @param pollEvery how often the client is asked for its queue
    public Bot(
            TurnKeeper keeper,
            PeerChannel channel,
            ClientProgram client,
            StateFolder state,
            Listener listener,
            Duration pollEvery) {
        this(
                keeper,
                channel,
                client,
                state,
                listener,
                pollEvery,
                Optional.empty(),
                Optional::empty,
                Optional::empty,
                Optional::empty);
    }

    /// @param guard what the gate opens under, where [TurnSettings#guarded] says that it does
    /// @param pools the lock pools that people may use in the channel, once they run
    /// @param group the group whose store people may use in the channel, if this bot is in one
    /// @param replicas the copies of a service that people may look at in the channel, if there are
    public Bot(
            TurnKeeper keeper,
            PeerChannel channel,
            ClientProgram client,
            StateFolder state,
            Listener listener,
            Duration pollEvery,
            Optional<Guard> guard,
            Supplier<Optional<PoolEngine>> pools,
            Supplier<Optional<MemberGroup>> group,
            Supplier<Optional<Replicas>> replicas) {
        this.keeper = keeper;
        this.channel = channel;
        this.client = new SteeredClient(client, this::post);
        this.gate = new SteeredGate(this::post, this::gateChanged);
        this.state = state;
        this.listener = listener;
        this.pollEvery = pollEvery;
        var random = new SecureRandom();
        Supplier<RequestId> ids = () -> new RequestId(random.nextLong(), random.nextLong());
        Executor loop = work -> inbound.add(new Inbound.Step(work));
        this.lease = guard.map(wanted -> leaseKeeper(wanted, loop, ids)).orElse(null);
        this.errands = new PoolErrands(pools, loop, clock, ids, this::post);
        this.groupErrands = new GroupErrands(group, this::post);
        this.replicaErrands = new ReplicaErrands(replicas, this::post);
        this.view = keeper.view();
        this.thread = Thread.ofPlatform().name("bot").daemon().unstarted(this::loop);
    }

    private LeaseKeeper leaseKeeper(Guard guard, Executor loop, Supplier<RequestId> ids) {
        return new LeaseKeeper(
                guard,
                loop,
                Moment::now,
                ids,
                new LeaseKeeper.Listener() {
                    @Override
                    public void happened(TurnEvent event) {
                        post(event);
                    }

                    @Override
                    public void extended(Moment until) {
                        gate.extend(until);
                    }
                });
    }

    /// A keeper as a process needs it.
    public static TurnKeeper keeper(
            TurnSettings settings, StateFolder state, RandomGenerator random) {
        return new TurnKeeper(settings, state.loadTurn(), random);
    }

    /// What the gate has to be made with.
    public GateListener gateListener() {
        return new GateListener() {
            @Override
            public void connectionsChanged() {
                gateChanged();
            }

            @Override
            public void knocked() {
                post(new TurnEvent.Knocked());
            }

            @Override
            public void targetFailed(String why) {
                LOG.warn("{}", why);
            }

            @Override
            public void lapsed() {
                if (lease != null) {
                    inbound.add(new Inbound.Step(lease::lapsed));
                }
            }
        };
    }

    /// Shuts gate and client, then joins the channel.
    public void start(Gate shutGate) {
        gate.steer(shutGate);
        thread.start();
    }

    /// The keeper as it was after the last event; any thread.
    public TurnView view() {
        return view;
    }

    /// Lines that were dropped because they came faster than they could be handled.
    public long dropped() {
        return dropped.get();
    }

    /// Blocks until the loop has ended or given up its turn for good.
    public void await() throws InterruptedException {
        stopped.await();
    }

    /// Gives up the turn, says goodbye and leaves the channel; returns when done, or at the limit.
    public void stop(String reason, Duration limit) {
        long end = System.nanoTime() + limit.toNanos();
        post(new TurnEvent.Stopping());
        try {
            if (!stopped.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("gave up waiting for the gate to close");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        awaitLeaseGivenBack(Duration.ofNanos(Math.max(0, end - System.nanoTime())).dividedBy(4));
        ended = true;
        Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        client.finish(left.dividedBy(2));
        channel.leave(reason, left.dividedBy(2));
        close();
    }

    /// Until then the next bot would have to wait for the lease to run out.
    private void awaitLeaseGivenBack(Duration limit) {
        if (lease == null) {
            return;
        }
        try {
            leaseGivenBack.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("the lock service has not heard that the lease is over");
        }
    }

    /// Stops at once.
    @Override
    public void close() {
        ended = true;
        thread.interrupt();
        channel.close();
        client.close();
        gate.gate().ifPresent(Gate::close);
    }

    /// Hands the loop an event; any thread.
    void post(TurnEvent event) {
        boolean refusable =
                switch (event) {
                    case TurnEvent.Heard _, TurnEvent.Asked _, TurnEvent.Knocked _ -> true;
                    default -> false;
                };
        if (refusable && hearsay.incrementAndGet() > MOST_HEARSAY) {
            hearsay.decrementAndGet();
            if (dropped.getAndIncrement() == 0) {
                LOG.warn("more is said than can be handled; dropping lines");
            }
            return;
        }
        inbound.add(new Inbound.Event(event));
    }

    private void gateChanged() {
        if (trafficChanged.compareAndSet(false, true)) {
            inbound.add(new Inbound.GateChanged());
        }
    }

    private void loop() {
        try {
            perform(keeper.start(clock.instant()));
            channel.start(this::post);
            while (!ended) {
                Inbound next = inbound.poll(untilNext().toNanos(), TimeUnit.NANOSECONDS);
                if (next != null) {
                    handle(next);
                }
                onTime();
                view = keeper.view();
            }
        } catch (InterruptedException e) {
            LOG.debug("interrupted", e);
        } catch (RuntimeException e) {
            // A broken invariant: the gate must not stay open behind a dead loop.
            LOG.error("the bot's loop failed; the gate is shut", e);
            gate.gate().ifPresent(Gate::shut);
        } finally {
            stopped.countDown();
        }
    }

    private void handle(Inbound next) {
        switch (next) {
            case Inbound.Event(TurnEvent event) -> {
                switch (event) {
                    case TurnEvent.Heard _, TurnEvent.Asked _, TurnEvent.Knocked _ ->
                            hearsay.decrementAndGet();
                    default -> {}
                }
                on(event);
            }
            case Inbound.GateChanged() -> {
                trafficChanged.set(false);
                reportTraffic();
            }
            case Inbound.Saved(KeptState kept, boolean done) -> {
                savingSince = null;
                saved = done ? kept : null;
                performWaiting();
            }
            case Inbound.Step(Runnable work) -> work.run();
        }
    }

    private void on(TurnEvent event) {
        LOG.debug("event {}", event);
        perform(keeper.on(event, clock.instant()));
    }

    private Duration untilNext() {
        Instant now = clock.instant();
        Instant soonest = nextPoll.isBefore(nextTraffic) ? nextPoll : nextTraffic;
        Duration own = Duration.between(now, soonest.isBefore(now) ? now : soonest);
        own = errands.untilNext(own);
        if (lease != null) {
            own = lease.untilNext(own);
        }
        return timers.untilNext(now, own);
    }

    private void onTime() {
        Instant now = clock.instant();
        if (!now.isBefore(nextPoll)) {
            nextPoll = now.plus(pollEvery);
            client.ask();
        }
        if (!now.isBefore(nextTraffic)) {
            nextTraffic = now.plus(TRAFFIC_EVERY);
            if (view.connections() > 0) {
                reportTraffic();
            }
        }
        if (savingSince != null && now.isAfter(savingSince.plus(SAVE_LIMIT))) {
            LOG.error("state could not be written within {}; going on without", SAVE_LIMIT);
            savingSince = null;
            performWaiting();
        }
        errands.onTime();
        if (lease != null) {
            lease.onTime();
            if (stopped.getCount() == 0 && lease.atRest()) {
                leaseGivenBack.complete(null);
            }
        }
        var due = timers.takeDue(now);
        while (due.isPresent()) {
            on(new TurnEvent.TimerFired(due.get()));
            due = timers.takeDue(now);
        }
    }

    private void reportTraffic() {
        Optional<GateCounts> counts = gate.gate().map(Gate::counts);
        if (counts.isPresent()) {
            GateCounts seen = counts.get();
            on(new TurnEvent.Traffic(seen.open().size(), seen.openedTotal(), seen.movedBytes()));
        }
    }

    private void perform(Iterable<TurnEffect> effects) {
        for (TurnEffect effect : effects) {
            // Timers are the loop's own affair; all else keeps its place behind a save.
            switch (effect) {
                case TurnEffect.StartTimer(var timer, Duration delay) ->
                        timers.start(timer, delay, clock.instant());
                case TurnEffect.CancelTimer(var timer) -> timers.cancel(timer);
                default -> waiting.add(effect);
            }
        }
        performWaiting();
    }

    private void performWaiting() {
        while (savingSince == null && !waiting.isEmpty()) {
            TurnEffect effect = waiting.remove();
            LOG.debug("effect {}", effect);
            perform(effect);
        }
    }

    private void perform(TurnEffect effect) {
        switch (effect) {
            case TurnEffect.Send(String to, var message) -> channel.send(to, message);
            case TurnEffect.Say(String to, String text, var weight) ->
                    channel.say(to, text, weight);
            case TurnEffect.OpenGate(long turn) -> openGate(turn);
            case TurnEffect.DrainGate(Duration limit) -> gate.drain(limit);
            case TurnEffect.CloseGate() -> gate.shut();
            case TurnEffect.PauseClient() -> client.pause();
            case TurnEffect.ResumeClient() -> client.resume();
            case TurnEffect.EnqueueClient(var asker, var ids) -> client.enqueue(asker, ids);
            case TurnEffect.AskClient() -> client.ask();
            case TurnEffect.AcquireGuard(long turn) -> {
                if (lease == null) {
                    post(new TurnEvent.GuardLost(turn, "no guard is configured"));
                } else {
                    lease.acquire(turn, keeper.view().nick());
                }
            }
            case TurnEffect.ReleaseGuard() -> {
                if (lease != null) {
                    lease.release();
                }
            }
            case TurnEffect.AskPools(var asker, var wish) -> errands.run(asker, wish);
            case TurnEffect.AskGroup(var asker, var wish) -> groupErrands.run(asker, wish);
            case TurnEffect.AskReplicas(var asker, var wish) -> replicaErrands.run(asker, wish);
            case TurnEffect.StartTimer _, TurnEffect.CancelTimer _ ->
                    throw new IllegalStateException("not in line: " + effect);
            case TurnEffect.Rename(String nick) -> channel.rename(nick);
            case TurnEffect.Note(Happening happening) ->
                    listener.happened(happening, clock.instant(), keeper.view().nick());
            case TurnEffect.Keep(KeptState kept) -> save(kept);
            case TurnEffect.Stopped() -> stopped.countDown();
        }
    }

    private void openGate(long turn) {
        if (lease == null) {
            gate.open(turn);
        } else {
            // It may be renewed while the gate opens.
            gate.open(turn, lease.until(), () -> inbound.add(new Inbound.Step(this::extendGate)));
        }
    }

    private void extendGate() {
        if (lease != null) {
            lease.until().ifPresent(gate::extend);
        }
    }

    private void save(KeptState kept) {
        if (kept.equals(saved)) {
            return;
        }
        savingSince = clock.instant();
        Thread.ofVirtual()
                .name("save")
                .start(() -> {
                    boolean done = false;
                    try {
                        state.saveTurn(kept);
                        done = true;
                    } catch (java.io.IOException | RuntimeException e) {
                        LOG.error("state cannot be written: {}", e.toString());
                    } finally {
                        inbound.add(new Inbound.Saved(kept, done));
                    }
                });
    }
}
