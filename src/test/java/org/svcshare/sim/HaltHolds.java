package org.svcshare.sim;

import java.util.HashMap;
import java.util.Map;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect;
import org.svcshare.turn.TurnEvent;

/// T4: a halted bot never opens its gate and never starts an election; a bot that is not in the
/// channel has its gate closed, except with `on-partition = keep`.
///
/// Halts are counted here from the commands that the bot was given, not from what it says of
/// itself; the technical halt after a start is taken from its view.
final class HaltHolds implements Invariants.Promise {
    private final Sim sim;
    private final Map<SimBot, Long> haltedUntil = new HashMap<>();
    private final Map<SimBot, Long> shutSince = new HashMap<>();

    HaltHolds(Sim sim) {
        this.sim = sim;
    }

    @Override
    public void started(SimBot bot) {
        if (!bot.settings().haltSurvivesRestart()) {
            haltedUntil.remove(bot);
        }
    }

    @Override
    public void gateOpened(SimPeer peer) {
        if (peer instanceof SimBot bot) {
            if (halted(bot)) {
                throw sim.broken("T4: the gate of " + bot.name() + " opens while it is halted");
            }
            if (!bot.joined() && !bot.settings().keepGateWhenLost()) {
                throw sim.broken("T4: the gate of " + bot.name() + " opens without a channel");
            }
        }
    }

    @Override
    public void decided(Invariants.Decision decision) {
        SimBot bot = decision.bot();
        if (decision.event() instanceof TurnEvent.Asked(_, Command command)) {
            switch (command) {
                case Command.Halt(var length) -> {
                    haltedUntil.put(
                            bot,
                            length.isZero()
                                    ? Long.MAX_VALUE
                                    : sim.nanos() + Math.max(0, length.toNanos()));
                    if (decision.before().gateOpen() && !decision.closes()) {
                        throw sim.broken("T4: " + bot.name() + " is halted and stays open");
                    }
                }
                case Command.Unhalt _, Command.Force _ -> haltedUntil.remove(bot);
                case Command.Status _,
                        Command.Version _,
                        Command.Election _,
                        Command.Enqueue _,
                        Command.Pause _,
                        Command.Nick _,
                        Command.Why _,
                        Command.Who _,
                        Command.Queue _,
                        Command.Next _,
                        Command.History _,
                        Command.Pools _,
                        Command.Group _,
                        Command.Replicas _ -> {}
            }
        }
        if (decision.event() instanceof TurnEvent.Lost
                && decision.before().gateOpen()
                && !decision.closes()
                && !bot.settings().keepGateWhenLost()) {
            throw sim.broken("T4: " + bot.name() + " has lost the channel and stays open");
        }
        if ((halted(bot) || decision.after().halted()) && (decision.opens() || calls(decision))) {
            throw sim.broken("T4: " + bot.name() + " is halted and wants the turn");
        }
    }

    /// What was told to close does close.
    @Override
    public void watched() {
        for (SimBot bot : sim.newBots()) {
            boolean keeps = bot.settings().keepGateWhenLost();
            boolean mustBeShut = halted(bot) || (!bot.joined() && !keeps);
            if (!bot.gate().isOpen() || bot.gate().draining() || bot.stands() || !mustBeShut) {
                shutSince.remove(bot);
            } else if (sim.nanos() - shutSince.computeIfAbsent(bot, _ -> sim.nanos())
                    >= Sim.SECOND) {
                throw sim.broken("T4: the gate of " + bot.name() + " stays open");
            }
        }
    }

    private boolean halted(SimBot bot) {
        return sim.nanos() < haltedUntil.getOrDefault(bot, 0L);
    }

    private static boolean calls(Invariants.Decision decision) {
        for (TurnEffect effect : decision.effects()) {
            if (effect instanceof TurnEffect.Send(_, PeerMessage message)
                    && (message instanceof PeerMessage.Call
                            || message instanceof PeerMessage.StartElection
                            || message instanceof PeerMessage.ConnStat
                            || message instanceof PeerMessage.Yield
                            || message instanceof PeerMessage.LegacyYield)) {
                return true;
            }
        }
        return false;
    }
}
