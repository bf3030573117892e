package org.svcshare.sim;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.bot.Guard;
import org.svcshare.bot.LeaseKeeper;
import org.svcshare.bot.PoolLock;
import org.svcshare.channel.Decoded;
import org.svcshare.channel.PeerCodec;
import org.svcshare.gate.Moment;
import org.svcshare.gossip.TalkInSim;
import org.svcshare.pool.RequestId;
import org.svcshare.store.Member;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.GroupNews;
import org.svcshare.turn.KeptState;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.PoolNews;
import org.svcshare.turn.QueueSnapshot;
import org.svcshare.turn.ReplicaNews;
import org.svcshare.turn.Timer;
import org.svcshare.turn.TurnEffect;
import org.svcshare.turn.TurnEvent;
import org.svcshare.turn.TurnKeeper;
import org.svcshare.turn.TurnSettings;
import org.svcshare.turn.TurnView;

/// A bot of ours in the simulator: one [TurnKeeper] and everything that the real shell does for it.
final class SimBot extends SimPeer {
    private static final long POLL = 10 * Sim.SECOND;
    private static final long REJOIN = 5 * Sim.SECOND;
    private static final long GATE = 20 * Sim.MILLI;
    private static final Duration LEASE = Duration.ofSeconds(15);

    private final TurnSettings settings;
    private final SimClock clock;
    private final Deque<Runnable> backlog = new ArrayDeque<>();
    private final Map<Timer, Sim.Scheduled> timers = new EnumMap<>(Timer.class);
    private final Set<String> members = new LinkedHashSet<>();
    private KeptState kept = KeptState.NONE;
    private @Nullable TurnKeeper keeper;
    private @Nullable TurnView view;
    private Sim.@Nullable Scheduled poll;
    private @Nullable LeaseKeeper lease;
    private Sim.@Nullable Scheduled leaseTick;
    private boolean stands;
    private long wokeUpAt = -3600 * Sim.SECOND;
    private int life;
    private boolean joined;
    private boolean stopping;
    private boolean stopped;
    private long steerNanos = 200 * Sim.MILLI;
    private final long skewMillis;
    private final PeerCodec codec = new PeerCodec();
    private SimGroup.@Nullable Seat member;
    private @Nullable TalkInSim talk;
    private Sim.@Nullable Scheduled talkTick;

    SimBot(Sim sim, String name, TurnSettings settings) {
        super(sim, name, true);
        this.settings = settings;
        // A clock that is more than two in a hundred wrong is broken.
        this.clock = new SimClock(sim, settings.guarded() ? 0.98 + sim.between(0, 40) / 1000.0 : 1);
        // Signatures are judged by the clock; two may differ by two minutes.
        this.skewMillis = sim.group() == null ? 0 : sim.between(-50_000, 50_000);
    }

    TurnSettings settings() {
        return settings;
    }

    @Override
    SimBot queueMb(double mb) {
        super.queueMb(mb);
        return this;
    }

    @Override
    SimBot addMb(double mb) {
        super.addMb(mb);
        return this;
    }

    /// How slow its client is to answer.
    SimBot slowClient(long nanos) {
        steerNanos = nanos;
        return this;
    }

    TurnView view() {
        TurnView seen = view;
        if (seen == null) {
            throw new IllegalStateException(name() + " does not run");
        }
        return seen;
    }

    KeptState kept() {
        return kept;
    }

    TurnKeeper keeper() {
        TurnKeeper running = keeper;
        if (running == null) {
            throw new IllegalStateException(name() + " does not run");
        }
        return running;
    }

    /// Whether it has been told that it is in the channel.
    boolean joined() {
        return joined;
    }

    /// Everybody that it has been told is in the channel.
    Set<String> members() {
        return members;
    }

    @Override
    boolean alive() {
        return keeper != null;
    }

    @Override
    boolean wants() {
        TurnView seen = view;
        return seen != null
                && alive()
                && !stopped
                && joined
                && inChannel()
                && !seen.halted()
                && settings.autoResume()
                && client.reachable()
                && client.queueMb() > 0;
    }

    @Override
    void start() {
        life++;
        stopping = false;
        stopped = false;
        var fresh = new TurnKeeper(settings, kept, sim.freshRandom());
        keeper = fresh;
        view = fresh.view();
        lease = settings.guarded() ? leaseKeeper() : null;
        sim.invariants().started(this);
        List<TurnEffect> effects = fresh.start(sim.now());
        view = fresh.view();
        sim.trace().add(sim.nanos(), name(), "start", effects);
        carryOut(effects);
        int mine = life;
        after(sim.between(0, Sim.SECOND), mine, this::connect);
        poll(mine);
    }

    @Override
    void crash(long noticedAfterNanos) {
        end(noticedAfterNanos);
        sim.invariants().ended(this);
    }

    private void end(long noticedAfterNanos) {
        life++;
        keeper = null;
        view = null;
        joined = false;
        members.clear();
        timers.values().forEach(Sim.Scheduled::cancel);
        timers.clear();
        backlog.clear();
        stands = false;
        clock.sleep(false);
        lease = null;
        if (leaseTick != null) {
            leaseTick.cancel();
        }
        if (poll != null) {
            poll.cancel();
        }
        gate().vanish();
        if (seat != null) {
            seat.quit(noticedAfterNanos);
            seat = null;
        }
        if (talkTick != null) {
            talkTick.cancel();
        }
        talk = null;
        SimGroup.Seat mine = member;
        member = null;
        if (mine != null && stopped) {
            mine.leave();
        } else if (mine != null) {
            mine.die(noticedAfterNanos == 0);
        }
    }

    @Override
    void restart() {
        if (keeper == null) {
            start();
        }
    }

    /// An orderly end: [TurnEvent.Stopping], and gone when the keeper has said so.
    void stop() {
        stopping = true;
        happen(new TurnEvent.Stopping());
    }

    SimClock clock() {
        return clock;
    }

    // The process itself.

    /// The process is stopped, from now on and for so long.
    void stand(long nanos, boolean asleep) {
        if (stands || keeper == null) {
            return;
        }
        gate().stands();
        stands = true;
        clock.sleep(asleep);
        int mine = life;
        sim.after(
                nanos,
                () -> {
                    if (life == mine) {
                        goOn();
                    }
                });
    }

    /// Everything that came meanwhile is done first; the gate looks at its clock before it passes
    /// anything.
    private void goOn() {
        stands = false;
        wokeUpAt = sim.nanos();
        clock.sleep(false);
        gate().goesOn();
        boolean gateLooksFirst = sim.random().nextBoolean();
        if (gateLooksFirst) {
            gate().look();
        }
        int mine = life;
        while (life == mine && !stands && !backlog.isEmpty()) {
            backlog.remove().run();
            sim.invariants().stepped();
        }
        if (life == mine) {
            gate().look();
            planLease();
        }
    }

    /// What came while it was stopped has come all at once.
    boolean justWokeUp() {
        return sim.nanos() - wokeUpAt < 10 * Sim.SECOND;
    }

    @Override
    boolean stands() {
        return stands;
    }

    @Override
    void awake(Runnable work) {
        if (stands) {
            backlog.add(work);
        } else {
            work.run();
        }
    }

    // The lease.

    private LeaseKeeper leaseKeeper() {
        int mine = life;
        RandomGenerator random = sim.freshRandom();
        var engine = Optional.of(sim.locks().seenBy(name()));
        return new LeaseKeeper(
                new Guard(new PoolLock(() -> engine, SimLocks.POOL), LEASE),
                work ->
                        awake(() -> {
                            if (life == mine) {
                                work.run();
                                planLease();
                            }
                        }),
                clock::now,
                () -> new RequestId(random.nextLong(), random.nextLong()),
                new LeaseKeeper.Listener() {
                    @Override
                    public void happened(TurnEvent event) {
                        after(0, mine, () -> happen(event));
                    }

                    @Override
                    public void extended(Moment until) {
                        gate().extend(until);
                    }
                });
    }

    private LeaseKeeper lease() {
        LeaseKeeper keeps = lease;
        if (keeps == null) {
            throw sim.broken(name() + " wants a guard that it was not set to use");
        }
        return keeps;
    }

    private void planLease() {
        LeaseKeeper keeps = lease;
        if (leaseTick != null) {
            leaseTick.cancel();
            leaseTick = null;
        }
        if (keeps != null && !keeps.atRest()) {
            long nanos = keeps.untilNext(Duration.ofSeconds(10)).toNanos();
            leaseTick =
                    after(
                            clock.real(Math.max(nanos, Sim.MILLI / 10)),
                            life,
                            () -> {
                                keeps.onTime();
                                planLease();
                            });
        }
    }

    private void openGate() {
        if (!settings.guarded()) {
            gate().open(GATE);
            return;
        }
        var until = lease().until();
        if (until.isPresent()) {
            gate().open(GATE, until.get(), clock);
        } else {
            after(0, life, () -> happen(new TurnEvent.GateFailed("the lease is over")));
        }
    }

    @Override
    public void gateLapsed() {
        lease().lapsed();
    }

    /// Whether it has been told to stop.
    boolean stopping() {
        return stopping;
    }

    /// Somebody tries to load through the closed gate.
    void knock() {
        if (keeper != null && !gate().isOpen()) {
            happen(new TurnEvent.Knocked());
        }
    }

    private void connect() {
        SimGroup group = sim.group();
        if (group == null) {
            seat = sim.channel().connect(this, name());
        } else {
            talk =
                    new TalkInSim(
                            group.peers(),
                            keeper().bootId(),
                            () -> sim.now().plusMillis(skewMillis),
                            sim::nanos,
                            sim.freshRandom(),
                            new ToGroup());
            member = group.start(new InGroup(), name());
        }
    }

    private Sim.Scheduled after(long nanos, int ofLife, Runnable work) {
        return sim.after(
                nanos,
                () -> {
                    if (life == ofLife) {
                        awake(() -> {
                            if (life == ofLife) {
                                work.run();
                            }
                        });
                    }
                });
    }

    private void poll(int ofLife) {
        askClient(ofLife);
        poll = after(POLL, ofLife, () -> poll(ofLife));
    }

    private void askClient(int ofLife) {
        after(
                sim.between(Sim.MILLI, steerNanos),
                ofLife,
                () -> {
                    gate().settle();
                    QueueSnapshot seen = client.snapshot();
                    happen(
                            seen == null
                                    ? new TurnEvent.ClientLost("no answer")
                                    : new TurnEvent.ClientSeen(seen));
                });
    }

    void happen(TurnEvent event) {
        TurnKeeper running = keeper;
        TurnView before = view;
        if (running == null || before == null) {
            return;
        }
        List<TurnEffect> effects;
        TurnView after;
        try {
            effects = running.on(event, sim.now());
            after = running.view();
        } catch (RuntimeException e) {
            sim.trace().add(sim.nanos(), name(), event, e);
            var broken = sim.broken("T6: " + name() + " failed on " + event + ": " + e);
            broken.initCause(e);
            throw broken;
        }
        view = after;
        if (!effects.isEmpty()
                || !(event instanceof TurnEvent.Traffic || event instanceof TurnEvent.ClientSeen)) {
            sim.trace().add(sim.nanos(), name(), event, effects);
        }
        sim.invariants().decided(this, event, before, effects, after);
        carryOut(effects);
    }

    private void carryOut(List<TurnEffect> effects) {
        for (TurnEffect effect : effects) {
            carryOut(effect);
        }
    }

    private void carryOut(TurnEffect effect) {
        int mine = life;
        switch (effect) {
            case TurnEffect.Send(String to, PeerMessage message) ->
                    send(to, new SimChannel.Peer(message));
            case TurnEffect.Say(String to, String text, _) -> send(to, new SimChannel.Words(text));
            case TurnEffect.OpenGate _ -> openGate();
            case TurnEffect.DrainGate(var limit) -> gate().drain(limit.toNanos());
            case TurnEffect.CloseGate() -> gate().close(GATE);
            case TurnEffect.PauseClient() -> steer(mine, true);
            case TurnEffect.ResumeClient() -> steer(mine, false);
            case TurnEffect.EnqueueClient(Asker asker, List<String> ids) ->
                    after(sim.between(0, steerNanos), mine, () -> enqueue(asker, ids));
            case TurnEffect.AskClient() -> askClient(mine);
            case TurnEffect.AcquireGuard(long turn) -> {
                lease().acquire(turn, name());
                planLease();
            }
            case TurnEffect.ReleaseGuard() -> {
                if (gate().isOpen()) {
                    throw sim.broken("T2: " + name() + " gives its lease back with an open gate");
                }
                lease().release();
                planLease();
            }
            case TurnEffect.AskPools(Asker asker, var _) ->
                    after(
                            Sim.MILLI,
                            mine,
                            () ->
                                    happen(
                                            new TurnEvent.PoolsAnswered(
                                                    asker, new PoolNews.NoPools())));
            case TurnEffect.AskGroup(Asker asker, var _) ->
                    after(
                            Sim.MILLI,
                            mine,
                            () ->
                                    happen(
                                            new TurnEvent.GroupAnswered(
                                                    asker, new GroupNews.NoGroup())));
            case TurnEffect.AskReplicas(Asker asker, var _) ->
                    after(
                            Sim.MILLI,
                            mine,
                            () ->
                                    happen(
                                            new TurnEvent.ReplicasAnswered(
                                                    asker, new ReplicaNews.NoReplicas())));
            case TurnEffect.StartTimer(Timer timer, var delay) ->
                    startTimer(timer, delay.toNanos());
            case TurnEffect.CancelTimer(Timer timer) -> cancelTimer(timer);
            case TurnEffect.Rename(String nick) -> {
                if (seat != null) {
                    seat.rename(nick);
                }
            }
            case TurnEffect.Note _ -> {
                // History and hooks are for people; the trace shows the effect.
            }
            case TurnEffect.Keep(KeptState state) -> kept = state;
            case TurnEffect.Stopped() -> {
                stopped = true;
                end(0);
                sim.invariants().ended(this);
            }
        }
    }

    private void send(@Nullable String to, SimChannel.Body body) {
        TalkInSim talks = talk;
        if (talks != null) {
            if (joined && body instanceof SimChannel.Peer(PeerMessage message)) {
                talks.send(to, message);
                planTalk();
            }
            return;
        }
        if (seat != null && joined) {
            if (body instanceof SimChannel.Peer(PeerMessage message)) {
                expectReadable(message);
            }
            seat.send(to, body);
        }
    }

    private void expectReadable(PeerMessage message) {
        String text;
        try {
            text = codec.encode(message);
        } catch (IllegalArgumentException _) {
            // It repeats what a forger has said, in here without a codec.
            return;
        }
        if (!(codec.decode(text) instanceof Decoded.Message)) {
            throw sim.broken("T1: nobody can read what " + name() + " says: " + message);
        }
    }

    private void steer(int ofLife, boolean pause) {
        after(
                sim.between(Sim.MILLI, steerNanos),
                ofLife,
                () -> {
                    gate().settle();
                    boolean done = client.pause(pause);
                    happen(new TurnEvent.ClientSteered(pause, done, done ? "" : "no answer"));
                    gate().look();
                });
    }

    private void enqueue(Asker asker, List<String> ids) {
        if (client.reachable()) {
            addMb(100.0 * ids.size());
            happen(new TurnEvent.Enqueued(asker, ids, ""));
        } else {
            happen(new TurnEvent.Enqueued(asker, List.of(), "no answer"));
        }
    }

    private void startTimer(Timer timer, long nanos) {
        if (nanos < 0) {
            throw sim.broken(name() + " starts " + timer + " in the past");
        }
        cancelTimer(timer);
        timers.put(
                timer,
                after(
                        nanos,
                        life,
                        () -> {
                            timers.remove(timer);
                            happen(new TurnEvent.TimerFired(timer));
                        }));
    }

    private void cancelTimer(Timer timer) {
        Sim.Scheduled running = timers.remove(timer);
        if (running != null) {
            running.cancel();
        }
    }

    // The group.

    @Override
    boolean inChannel() {
        return member == null ? super.inChannel() : member.joined();
    }

    /// Somebody asks through the group.
    void asked(String who, Command command) {
        awake(() -> {
            if (keeper != null && joined) {
                happen(new TurnEvent.Asked(new Asker("operator@" + who, true), command));
            }
        });
    }

    private void planTalk() {
        TalkInSim talks = talk;
        if (talkTick != null) {
            talkTick.cancel();
            talkTick = null;
        }
        if (talks != null && talks.dueNanos() != Long.MAX_VALUE) {
            talkTick =
                    after(
                            Math.max(0, talks.dueNanos() - sim.nanos()),
                            life,
                            () -> {
                                talks.onTime();
                                planTalk();
                            });
        }
    }

    private final class ToGroup implements TalkInSim.Out {
        @Override
        public void say(@Nullable String to, String text) {
            if (member != null) {
                member.say(to, text);
            }
        }

        @Override
        public void event(TurnEvent event) {
            switch (event) {
                case TurnEvent.Joined now -> {
                    joined = true;
                    members.clear();
                    members.addAll(now.members());
                    members.add(now.nick());
                }
                case TurnEvent.MemberJoined(String nick) -> members.add(nick);
                case TurnEvent.MemberLeft(String nick) -> members.remove(nick);
                default -> {
                    // Nobody comes or goes.
                }
            }
            happen(event);
        }
    }

    private final class InGroup implements SimGroup.Node {
        private void then(SimGroup.Seat at, Consumer<TalkInSim> work) {
            awake(() -> {
                TalkInSim talks = talk;
                if (at == member && talks != null) {
                    work.accept(talks);
                    planTalk();
                }
            });
        }

        @Override
        public void joined(SimGroup.Seat at, Collection<Member> others) {
            List<Member> there = List.copyOf(others);
            then(at, talks -> talks.join(SimGroup.NAME, name(), there));
        }

        @Override
        public void came(SimGroup.Seat at, Member other) {
            then(at, talks -> talks.came(other));
        }

        @Override
        public void went(SimGroup.Seat at, String name) {
            then(at, talks -> talks.went(name));
        }

        @Override
        public void heard(SimGroup.Seat at, String from, boolean direct, String text) {
            then(at, talks -> talks.heard(from, direct, text));
        }
    }

    // The channel.

    @Override
    public void welcomed(SimChannel.Seat at) {
        awake(() -> {
            if (at == seat) {
                at.join();
            }
        });
    }

    @Override
    public void nickTaken(SimChannel.Seat at, String nick) {
        awake(() -> {
            if (at == seat && !joined) {
                at.rename(nick + "_");
            }
        });
    }

    @Override
    public void joined(SimChannel.Seat at, Set<String> there) {
        awake(() -> {
            if (at == seat) {
                joined = true;
                members.clear();
                members.addAll(there);
                members.add(at.nick());
                happen(new TurnEvent.Joined(at.nick(), Casemapping.RFC1459, there));
            }
        });
    }

    @Override
    public void memberJoined(SimChannel.Seat at, String nick) {
        awake(() -> {
            if (at == seat) {
                members.add(nick);
                happen(new TurnEvent.MemberJoined(nick));
            }
        });
    }

    @Override
    public void memberLeft(SimChannel.Seat at, String nick, boolean kicked) {
        awake(() -> {
            if (at == seat) {
                members.remove(nick);
                happen(new TurnEvent.MemberLeft(nick));
            }
        });
    }

    @Override
    public void kicked(SimChannel.Seat at) {
        awake(() -> {
            if (at == seat) {
                lost("kicked");
                after(
                        REJOIN,
                        life,
                        () -> {
                            if (at == seat) {
                                at.join();
                            }
                        });
            }
        });
    }

    @Override
    public void renamed(SimChannel.Seat at, String from, String to) {
        awake(() -> {
            if (at == seat) {
                if (members.remove(from)) {
                    members.add(to);
                }
                happen(new TurnEvent.Renamed(from, to));
            }
        });
    }

    @Override
    public void disconnected(SimChannel.Seat at) {
        awake(() -> {
            if (at == seat) {
                seat = null;
                lost("disconnected");
                after(sim.between(REJOIN, 3 * REJOIN), life, this::connect);
            }
        });
    }

    private void lost(String why) {
        joined = false;
        members.clear();
        happen(new TurnEvent.Lost(why));
    }

    @Override
    public void heard(SimChannel.Seat at, String from, boolean direct, SimChannel.Body body) {
        awake(() -> {
            if (at != seat || !joined) {
                return;
            }
            switch (body) {
                case SimChannel.Words(String text) -> {
                    for (PeerMessage message : OldWire.read(text)) {
                        happen(new TurnEvent.Heard(from, direct, message));
                    }
                }
                case SimChannel.Peer(PeerMessage message) ->
                        happen(new TurnEvent.Heard(from, direct, message));
                case SimChannel.Ask(String nick, var command) -> {
                    if (nick.equals(at.nick())) {
                        happen(new TurnEvent.Asked(new Asker(from, direct), command));
                    }
                }
            }
        });
    }

    // The gate.

    @Override
    public void gateOpened() {
        if (settings.guarded()) {
            lease().until().ifPresent(gate()::extend);
        }
        happen(new TurnEvent.GateOpened());
    }

    @Override
    public void gateFailed(String why) {
        sim.invariants().stirred();
        happen(new TurnEvent.GateFailed(why));
    }

    @Override
    public void gateClosed(int cut) {
        happen(new TurnEvent.GateClosed(cut));
    }

    @Override
    public void traffic() {
        happen(
                new TurnEvent.Traffic(
                        gate().connections(), gate().openedTotal(), gate().movedBytes()));
    }
}
