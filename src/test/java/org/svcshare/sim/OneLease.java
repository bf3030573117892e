package org.svcshare.sim;

/// T2: where gates are guarded never do two of them let bytes pass at once, whatever the channel
/// does, whatever the way to the lock service does, and however long a process is stopped.
///
/// No tolerance, and no exception for splits, lost messages, drains or `on-partition = keep`.
final class OneLease implements Invariants.Promise {
    private final Sim sim;

    OneLease(Sim sim) {
        this.sim = sim;
    }

    @Override
    public void stepped() {
        SimBot passing = null;
        for (SimPeer peer : sim.bots()) {
            if (peer instanceof SimBot bot && bot.settings().guarded() && bot.gate().passes()) {
                if (passing != null) {
                    throw sim.broken(
                            "T2: bytes pass the gates of " + passing.name() + " and " + bot.name());
                }
                passing = bot;
            }
        }
    }
}
