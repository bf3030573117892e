package org.svcshare.sim;

import org.jspecify.annotations.Nullable;
import org.svcshare.gate.Moment;

/// A gate in front of the service, and the bytes that go through it.
///
/// Bytes are counted continuously: whatever the client has loaded up to a moment is counted when
/// anybody looks.
final class SimGate {

    /// Whom the gate reports to.
    interface Owner {
        void gateOpened();

        void gateFailed(String why);

        void gateClosed(int cut);

        /// It has closed by itself, because its time was over.
        default void gateLapsed() {}

        /// The counts have changed.
        void traffic();
    }

    private final Sim sim;
    private final SimPeer peer;
    private final Owner owner;
    private final SimClient client;
    private final boolean reportsEverySecond;
    private boolean open;
    private boolean draining;
    private long openedAt;
    private int connections;
    private long openedTotal;
    private long movedBytes;
    private long settledAt;
    private boolean failNext;
    private Sim.@Nullable Scheduled pending;
    private Sim.@Nullable Scheduled flow;
    private @Nullable SimClock clock;
    private @Nullable Moment until;
    private Sim.@Nullable Scheduled end;

    SimGate(Sim sim, SimPeer peer, Owner owner, SimClient client, boolean reportsEverySecond) {
        this.sim = sim;
        this.peer = peer;
        this.owner = owner;
        this.client = client;
        this.reportsEverySecond = reportsEverySecond;
    }

    /// Physically: bytes go through.
    boolean isOpen() {
        return open;
    }

    /// A byte that comes now gets through.
    boolean passes() {
        return open && !peer.stands() && !over();
    }

    /// The check that the real gate makes before everything that it does.
    private boolean over() {
        return clock != null && until != null && until.reachedAt(clock.now());
    }

    boolean draining() {
        return draining;
    }

    long openedAt() {
        return openedAt;
    }

    int connections() {
        return connections;
    }

    long openedTotal() {
        return openedTotal;
    }

    long movedBytes() {
        return movedBytes;
    }

    /// The port will be taken at the next try.
    void failNextOpen() {
        failNext = true;
    }

    /// @param withinNanos how long it takes at most
    void open(long withinNanos) {
        cancelPending();
        draining = false;
        pending = later(sim.between(0, withinNanos), () -> nowOpens(null));
    }

    /// The same, and only until then on this clock.
    void open(long withinNanos, Moment end, SimClock ofClock) {
        cancelPending();
        draining = false;
        clock = ofClock;
        pending = later(sim.between(0, withinNanos), () -> nowOpens(end));
    }

    void extend(Moment end) {
        if (open && until != null && !over()) {
            until = end;
            plan();
        }
    }

    private Sim.Scheduled later(long nanos, Runnable work) {
        return sim.after(nanos, () -> peer.awake(work));
    }

    /// The gate looks by itself when its time is over, or a little later.
    private void plan() {
        if (end != null) {
            end.cancel();
            end = null;
        }
        if (open && clock != null && until != null) {
            long left = Math.max(0, until.nanos() - clock.now().nanos());
            end = later(clock.real(left), this::look);
        }
    }

    private void nowOpens(@Nullable Moment last) {
        pending = null;
        if (last != null && clock != null && last.reachedAt(clock.now())) {
            owner.gateFailed("too late");
            return;
        }
        if (failNext) {
            failNext = false;
            owner.gateFailed("the port is taken");
            return;
        }
        if (!open) {
            open = true;
            openedAt = sim.nanos();
            settledAt = sim.nanos();
            sim.invariants().gateOpened(peer);
        }
        until = last;
        plan();
        owner.gateOpened();
        look();
    }

    void close(long withinNanos) {
        cancelPending();
        pending = later(sim.between(0, withinNanos), this::nowCloses);
    }

    /// Connections end by themselves once the client is paused, at the latest after the limit.
    void drain(long limitNanos) {
        cancelPending();
        draining = true;
        long natural = sim.between(0, 2 * limitNanos);
        pending = later(Math.min(natural, limitNanos), this::nowCloses);
    }

    private void nowCloses() {
        pending = null;
        int cut = connections;
        shut();
        if (cut > 0) {
            owner.traffic();
        }
        owner.gateClosed(cut);
    }

    /// The process has ended: nobody is told.
    void vanish() {
        cancelPending();
        shut();
        movedBytes = 0;
        openedTotal = 0;
    }

    /// Its time is over; what it was doing is done by nobody any more.
    private void lapses() {
        sim.trace().add(sim.nanos(), peer.name(), "the gate's time is over", "");
        int cut = connections;
        boolean drained = draining;
        shut();
        if (cut > 0) {
            owner.traffic();
        }
        owner.gateLapsed();
        if (drained) {
            cancelPending();
            owner.gateClosed(cut);
        }
    }

    private void shut() {
        settle();
        until = null;
        if (end != null) {
            end.cancel();
            end = null;
        }
        draining = false;
        connections = 0;
        stopFlow();
        if (open) {
            open = false;
            sim.invariants().gateClosed(peer);
        }
    }

    private void cancelPending() {
        if (pending != null) {
            pending.cancel();
            pending = null;
        }
    }

    private void stopFlow() {
        if (flow != null) {
            flow.cancel();
            flow = null;
        }
    }

    /// Something about the client or the gate has changed: begin or end connections.
    void look() {
        settle();
        if (peer.stands()) {
            return;
        }
        if (open && over()) {
            lapses();
            return;
        }
        boolean wanted = open && client.loads();
        if (wanted && connections == 0 && !draining) {
            connections = client.threads();
            openedTotal += connections;
            settledAt = sim.nanos();
            owner.traffic();
        } else if (!wanted && connections > 0) {
            connections = 0;
            owner.traffic();
        }
        stopFlow();
        if (connections > 0) {
            long empty = client.nanosLeft();
            flow = later(reportsEverySecond ? Math.min(Sim.SECOND, empty) : empty, this::flows);
        }
    }

    private void flows() {
        flow = null;
        settle();
        if (connections > 0 && client.loads()) {
            owner.traffic();
        }
        look();
    }

    /// Its process is stopped: nothing moves from here on.
    void stands() {
        settle();
        stopFlow();
    }

    /// Its process goes on.
    void goesOn() {
        settledAt = sim.nanos();
    }

    /// Counts what has moved since the last look.
    void settle() {
        if (connections > 0 && passes()) {
            movedBytes += client.load(sim.nanos() - settledAt);
        }
        settledAt = sim.nanos();
    }
}
