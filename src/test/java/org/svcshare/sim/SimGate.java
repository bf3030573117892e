package org.svcshare.sim;

import org.jspecify.annotations.Nullable;

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
        pending = sim.after(sim.between(0, withinNanos), this::nowOpens);
    }

    private void nowOpens() {
        pending = null;
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
        owner.gateOpened();
        look();
    }

    void close(long withinNanos) {
        cancelPending();
        pending = sim.after(sim.between(0, withinNanos), this::nowCloses);
    }

    /// Connections end by themselves once the client is paused, at the latest after the limit.
    void drain(long limitNanos) {
        cancelPending();
        draining = true;
        long natural = sim.between(0, 2 * limitNanos);
        pending = sim.after(Math.min(natural, limitNanos), this::nowCloses);
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

    private void shut() {
        settle();
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
            flow = sim.after(reportsEverySecond ? Math.min(Sim.SECOND, empty) : empty, this::flows);
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

    /// Counts what has moved since the last look.
    void settle() {
        if (connections > 0) {
            movedBytes += client.load(sim.nanos() - settledAt);
        }
        settledAt = sim.nanos();
    }
}
