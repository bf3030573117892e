package org.svcshare.sim;

import java.util.HashMap;
import java.util.Map;

/// L: in a calm, connected group in which somebody wants the service, a gate is open within a
/// stated time.
///
/// The time runs anew from the last thing that disturbed the group. For a bot of ours it is its own
/// periodic look and [#SLACK]. In a group with old bots the smallest queue may be an old bot's,
/// which looks every half an hour, may then collide with another's election, and loses elections to
/// D5 and D8a; there it is [#OLD_GROUP]. Groups in which old bots have lost track of each other for
/// good, by a split or a change of nick, are not held to it.
final class Liveness implements Invariants.Promise {
    static final long SLACK = 90 * Sim.SECOND;
    static final long OLD_GROUP = 2 * 1800 * Sim.SECOND + 300 * Sim.SECOND;

    /// While somebody is there who has announced a bot and is silent: three elections may fail
    /// before it is forgotten.
    static final long SILENCES = 4;

    private final Sim sim;
    private final Map<SimPeer, Long> wantsSince = new HashMap<>();
    private long stirredAt;
    private long closedSince;
    private boolean lostTrack;

    Liveness(Sim sim) {
        this.sim = sim;
    }

    void stirred() {
        stirredAt = sim.nanos();
    }

    /// Old bots no longer know who is there.
    void oldBotsLoseTrack() {
        lostTrack = true;
    }

    @Override
    public void gateClosed(SimPeer peer) {
        if (sim.openGates().isEmpty()) {
            closedSince = sim.nanos();
        }
    }

    @Override
    public void watched() {
        if (sim.troubled() || sim.locks().troubled()) {
            stirred();
        }
        long looks = sim.hasStrangers() ? SILENCES : 1;
        boolean open = !sim.openGates().isEmpty();
        boolean hasOld = false;
        for (SimPeer peer : sim.bots()) {
            hasOld |= peer instanceof SimOldBot;
        }
        for (SimPeer peer : sim.bots()) {
            if (!peer.wants()) {
                wantsSince.remove(peer);
                continue;
            }
            long since = wantsSince.computeIfAbsent(peer, _ -> sim.nanos());
            if (open || (hasOld && lostTrack)) {
                continue;
            }
            long limit;
            if (hasOld) {
                limit = OLD_GROUP;
            } else if (peer instanceof SimBot bot) {
                limit = looks * bot.settings().queueCheckEvery().toNanos() + SLACK;
            } else {
                continue;
            }
            long waited = sim.nanos() - Math.max(since, Math.max(closedSince, stirredAt));
            if (waited > limit) {
                throw sim.broken(
                        "L: "
                                + peer.name()
                                + " has a queue, nothing disturbs, and no gate is open for "
                                + waited / Sim.SECOND
                                + " s");
            }
        }
    }
}
