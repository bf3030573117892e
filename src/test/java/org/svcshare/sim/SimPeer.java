package org.svcshare.sim;

import org.jspecify.annotations.Nullable;

/// A bot of either generation in the simulator: a name that stays, a connection that comes and
/// goes, a gate and a client.
abstract class SimPeer implements SimChannel.Listener, SimGate.Owner {
    final Sim sim;
    final SimClient client = new SimClient();
    private final String name;
    private final SimGate gate;
    SimChannel.@Nullable Seat seat;

    SimPeer(Sim sim, String name, boolean reportsEverySecond) {
        this.sim = sim;
        this.name = name;
        this.gate = new SimGate(sim, this, this, client, reportsEverySecond);
    }

    String name() {
        return name;
    }

    /// Runs what happens to its process, now or when it goes on.
    void awake(Runnable work) {
        work.run();
    }

    /// Whether its process is stopped just now.
    boolean stands() {
        return false;
    }

    /// The nick under which the server has it now, or would.
    String nick() {
        return seat == null ? name : seat.nick();
    }

    SimGate gate() {
        return gate;
    }

    boolean gateOpen() {
        return gate.isOpen();
    }

    /// Whether it could be told something by those it votes with.
    boolean inChannel() {
        return seat != null && seat.inChannel();
    }

    SimPeer queueMb(double mb) {
        gate.settle();
        client.queueMb(mb);
        gate.look();
        return this;
    }

    SimPeer addMb(double mb) {
        gate.settle();
        client.add(mb);
        gate.look();
        return this;
    }

    void reachable(boolean answers) {
        client.reachable(answers);
    }

    abstract boolean alive();

    abstract void start();

    abstract void crash(long noticedAfterNanos);

    abstract void restart();

    /// Whether it would take a turn if it got one.
    abstract boolean wants();
}
