package org.svcshare.sim;

import org.svcshare.turn.TurnEvent;

/// T6, the part that can be seen at every step: a bounded number of effects for each event, and no
/// peers but members of the channel. That no event makes a keeper throw is seen in [SimBot].
final class Sturdiness implements Invariants.Promise {
    private static final int EFFECTS = 60;
    private static final int EFFECTS_PER_PEER = 6;

    private final Sim sim;

    Sturdiness(Sim sim) {
        this.sim = sim;
    }

    @Override
    public void decided(Invariants.Decision decision) {
        int peers = decision.after().peers().size();
        if (decision.effects().size() > EFFECTS + EFFECTS_PER_PEER * peers) {
            throw sim.broken("T6: %d effects of one event".formatted(decision.effects().size()));
        }
        SimBot bot = decision.bot();
        if (bot.joined() && !(decision.event() instanceof TurnEvent.Traffic)) {
            for (String peer : decision.after().peers()) {
                if (!bot.members().contains(peer)) {
                    throw sim.broken("T6: " + bot.name() + " counts " + peer + ", who is not here");
                }
            }
        }
    }
}
