package org.svcshare.sim;

import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect;

/// T1: at most one gate of a connected group is open.
///
/// In a group without old bots the tolerance is zero: in the moment a gate opens no other is open.
/// The one exception is a gate that has been told to drain and takes longer than the handover
/// timeout. In a group with old bots, which open as soon as they have said SS_YIELD, two gates may
/// overlap while that line is on its way and the other gate closes: [SimChannel#slowest] and
/// [#OLD_CUT], and the drain time of ours. What two old bots do to each other is theirs: one that
/// yields and wins again within half a second keeps its old connections (svcshare 0.3, section 10).
///
/// Not held to it: guarded bots, which [OneLease] looks after; bots that keep their gate when the
/// channel is lost, and the time from a trouble in the channel until [#RECOVERY] later; two gates
/// that a split has opened must be one again [#GRACE] after the first election that ended since.
/// The latter not in groups with old bots that have lost track of the others: one that nobody has
/// met says nothing until its next question.
final class OneGate implements Invariants.Promise {
    static final long OLD_CUT = 600 * Sim.MILLI;
    static final long RECOVERY = 30 * Sim.SECOND;
    static final long GRACE = 30 * Sim.SECOND;
    private static final long NEVER = Long.MIN_VALUE / 2;

    private final Sim sim;
    private long troubledAt = NEVER;
    private long electionEndedAt = NEVER;
    private long overlapSince = NEVER;
    private boolean oldLost;

    OneGate(Sim sim) {
        this.sim = sim;
    }

    void oldBotsLoseTrack() {
        oldLost = true;
    }

    void troubled() {
        troubledAt = sim.nanos();
    }

    private boolean calm() {
        return !sim.troubled() && sim.nanos() - troubledAt > RECOVERY;
    }

    @Override
    public void gateOpened(SimPeer opened) {
        if (exempt(opened)) {
            return;
        }
        SimPeer open = null;
        for (SimPeer other : sim.bots()) {
            if (!other.equals(opened) && other.gate().isOpen() && !exempt(other)) {
                open = other;
                if (!(opened instanceof SimOldBot && other instanceof SimOldBot)) {
                    expectOneToClose(opened, other);
                }
            }
        }
        if (open == null) {
            return;
        }
        if (overlapSince == NEVER) {
            overlapSince = sim.nanos();
        }
        if (calm() && !hasOldBots() && !mayOverlap(open)) {
            throw sim.broken("T1: " + opened.name() + " opens while " + open.name() + " is open");
        }
    }

    /// In a group with old bots one of the two has to be closed when the yield has arrived.
    private void expectOneToClose(SimPeer opened, SimPeer other) {
        long began = sim.nanos();
        long otherOpenedAt = other.gate().openedAt();
        long tolerance = tolerance();
        sim.after(
                tolerance + 1,
                () -> {
                    boolean both =
                            opened.gate().isOpen()
                                    && opened.gate().openedAt() == began
                                    && other.gate().isOpen()
                                    && other.gate().openedAt() == otherOpenedAt;
                    if (both && hasOldBots() && calm() && began > troubledAt + RECOVERY) {
                        throw sim.broken(
                                "T1: %s and %s are open together for more than %d ms"
                                        .formatted(
                                                opened.name(),
                                                other.name(),
                                                tolerance / Sim.MILLI));
                    }
                });
    }

    /// A trouble that left two gates open may be over by now; opening on top of it is not new.
    private boolean mayOverlap(SimPeer other) {
        return other.gate().draining() || other.gate().openedAt() <= troubledAt + RECOVERY;
    }

    @Override
    public void gateClosed(SimPeer closed) {
        if (sim.openGates().size() < 2) {
            overlapSince = NEVER;
        }
    }

    @Override
    public void decided(Invariants.Decision decision) {
        for (TurnEffect effect : decision.effects()) {
            if (effect instanceof TurnEffect.Send(_, PeerMessage.Result result)
                    && result.winner() != null) {
                electionEndedAt = sim.nanos();
            }
        }
    }

    @Override
    public void watched() {
        if (overlapSince != NEVER
                && calm()
                && electionEndedAt > troubledAt + RECOVERY
                && sim.nanos() - Math.max(electionEndedAt, overlapSince) > GRACE
                && countInChannel() > 1
                && !(oldLost && hasOldBots())) {
            throw sim.broken("T1: an election has ended and two gates stay open");
        }
    }

    private long countInChannel() {
        long count = 0;
        for (SimPeer peer : sim.bots()) {
            if (peer.gate().isOpen() && !exempt(peer)) {
                count++;
            }
        }
        return count;
    }

    private long tolerance() {
        long drain = 0;
        for (SimBot bot : sim.newBots()) {
            drain = Math.max(drain, bot.settings().handoverDrain().toNanos());
        }
        return sim.channel().slowest() + OLD_CUT + drain;
    }

    private boolean hasOldBots() {
        for (SimPeer peer : sim.bots()) {
            if (peer instanceof SimOldBot) {
                return true;
            }
        }
        return false;
    }

    private static boolean exempt(SimPeer peer) {
        return peer instanceof SimBot bot
                && (bot.settings().keepGateWhenLost() || bot.settings().guarded());
    }
}
