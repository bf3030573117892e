package org.svcshare.sim;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect;
import org.svcshare.turn.TurnEvent;

/// What old bots rely on, section 12 of the description of svcshare 0.3: announce after every join,
/// acknowledge each announcement, answer each question of a member once and in time, never answer
/// what nobody asked, never send a line that kills, yield to every member's yield.
///
/// Answers and acknowledgements are counted for everybody, but demanded only for bots: others may
/// be ignored when they ask too often, and so may bots whose questions of a minute arrive at once
/// because ours was stopped.
final class Manners implements Invariants.Promise {
    static final long ANSWER = 20 * Sim.SECOND;

    /// The questions of one asker that one bot has heard and not answered.
    private static final class Open {
        private int sizes;
        private int sizesIfLiked;
        private int connections;
    }

    private final Sim sim;
    private final Map<SimBot, Map<String, Open>> open = new HashMap<>();
    private final Map<SimBot, Integer> stays = new HashMap<>();

    Manners(Sim sim) {
        this.sim = sim;
    }

    @Override
    public void started(SimBot bot) {
        forget(bot);
    }

    @Override
    public void ended(SimBot bot) {
        forget(bot);
    }

    private void forget(SimBot bot) {
        open.put(bot, new HashMap<>());
        stays.merge(bot, 1, Integer::sum);
    }

    @Override
    public void decided(Invariants.Decision decision) {
        SimBot bot = decision.bot();
        switch (decision.event()) {
            // On its way out it owes nobody an answer.
            case TurnEvent.Stopping _ -> stays.merge(bot, 1, Integer::sum);
            case TurnEvent.Joined _ -> {
                forget(bot);
                if (announces(decision) != 1) {
                    throw sim.broken(bot.name() + " joins and does not announce itself once");
                }
            }
            case TurnEvent.Lost _ -> forget(bot);
            case TurnEvent.Renamed(String from, String to) -> {
                Open asked = open(bot).remove(from);
                if (asked != null) {
                    open(bot).put(to, asked);
                }
            }
            case TurnEvent.Heard heard -> heard(decision, heard);
            default -> {
                // Nothing that an old bot could see.
            }
        }
        for (TurnEffect effect : decision.effects()) {
            if (effect instanceof TurnEffect.Send(String to, PeerMessage message)) {
                sent(bot, to, message);
            }
        }
    }

    private void heard(Invariants.Decision decision, TurnEvent.Heard heard) {
        SimBot bot = decision.bot();
        String from = heard.from();
        boolean member = bot.members().contains(from);
        switch (heard.message()) {
            case PeerMessage.Announce(String argument) -> {
                int answers = count(decision, from, new PeerMessage.Ack(argument));
                boolean owed = member && isBot(from) && !bot.stopping() && !bot.justWokeUp();
                if (answers > 1 || (owed && answers == 0)) {
                    throw sim.broken(
                            "%s acknowledges the announcement of %s %d times"
                                    .formatted(bot.name(), from, answers));
                }
            }
            case PeerMessage.StartElection() -> {
                if (decision.before().forceLeftBytes() == 0) {
                    open(bot).computeIfAbsent(from, _ -> new Open()).sizes++;
                    if (isOld(from)) {
                        expectAnswer(bot, from);
                    }
                } else if (!decision.before().holds()) {
                    // A force that has not got its turn: silence and an answer are both right.
                    open(bot).computeIfAbsent(from, _ -> new Open()).sizesIfLiked++;
                }
            }
            case PeerMessage.ConnStat() -> {
                Open asked = open(bot).computeIfAbsent(from, _ -> new Open());
                asked.connections++;
                if (isOld(from)) {
                    expectAnswer(bot, from);
                }
            }
            case PeerMessage.LegacyYield() -> {
                // A bot of ours sends its YIELD with the turn number right behind.
                if (isOld(from) && decision.before().gateOpen() && !decision.closes()) {
                    throw sim.broken(bot.name() + " does not yield to " + from);
                }
                if (!member && decision.before().gateOpen() && decision.closes()) {
                    throw sim.broken(bot.name() + " yields to " + from + ", who is not here");
                }
            }
            default -> {
                // Generation 2 is judged by its outcome.
            }
        }
    }

    private boolean isOld(String nick) {
        for (SimPeer peer : sim.bots()) {
            if (peer instanceof SimOldBot && peer.nick().equals(nick)) {
                return true;
            }
        }
        return false;
    }

    private boolean isBot(String nick) {
        for (SimPeer peer : sim.bots()) {
            if (peer.nick().equals(nick)) {
                return true;
            }
        }
        return false;
    }

    private void expectAnswer(SimBot bot, String asker) {
        int stay = stays.getOrDefault(bot, 0);
        sim.after(
                ANSWER,
                () -> {
                    Open asked = open(bot).get(asker);
                    if (asked != null
                            && stays.getOrDefault(bot, 0) == stay
                            && bot.members().contains(asker)
                            && asked.sizes + asked.connections > 0
                            && !sim.troubled()) {
                        throw sim.broken(bot.name() + " has not answered " + asker);
                    }
                });
    }

    private void sent(SimBot bot, @Nullable String to, PeerMessage message) {
        switch (message) {
            case PeerMessage.QueueSize(double mb) -> {
                Open asked = to == null ? null : open(bot).get(to);
                if (asked != null && asked.sizes > 0) {
                    asked.sizes--;
                } else if (asked != null && asked.sizesIfLiked > 0) {
                    asked.sizesIfLiked--;
                } else {
                    throw sim.broken(bot.name() + " sends a queue size that nobody asked for");
                }
                if (!Double.isFinite(mb) || mb < 0) {
                    throw sim.broken(bot.name() + " votes " + mb);
                }
            }
            case PeerMessage.ConnUpdate(String owner, int connections) -> {
                if (owner.isEmpty() || owner.chars().anyMatch(c -> c <= ' ') || connections < 0) {
                    throw sim.broken(bot.name() + " sends a deadly SS_CONNUPDATE " + message);
                }
                if (to != null) {
                    Open asked = open(bot).get(to);
                    if (asked == null || asked.connections == 0) {
                        throw sim.broken(bot.name() + " tells connections that nobody asked for");
                    }
                    asked.connections--;
                }
            }
            default -> {
                // Everything else may be said at any time.
            }
        }
    }

    private Map<String, Open> open(SimBot bot) {
        return open.computeIfAbsent(bot, _ -> new HashMap<>());
    }

    private static int count(Invariants.Decision decision, String to, PeerMessage message) {
        return count(decision.effects(), new TurnEffect.Send(to, message));
    }

    private static int count(List<TurnEffect> effects, TurnEffect wanted) {
        int count = 0;
        for (TurnEffect effect : effects) {
            if (effect.equals(wanted)) {
                count++;
            }
        }
        return count;
    }

    private static int announces(Invariants.Decision decision) {
        int count = 0;
        for (TurnEffect effect : decision.effects()) {
            if (effect instanceof TurnEffect.Send(String to, PeerMessage.Announce _)
                    && to == null) {
                count++;
            }
        }
        return count;
    }
}
