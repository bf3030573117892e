package org.svcshare.sim;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect;
import org.svcshare.turn.TurnEvent;
import org.svcshare.turn.TurnView;

/// What must hold after every step, whatever happens: the promises T1, T2 and T4 to T6 of the
/// architecture page, liveness, and the manners towards old bots. T3 needs histories without an end
/// to anybody's queue and is checked where those are played, in FairnessTest.
final class Invariants {
    private static final long WATCH = 5 * Sim.SECOND;

    private final Sim sim;
    private final OneGate oneGate;
    private final OneLease oneLease;
    private final Liveness liveness;
    private final List<Promise> promises;
    private @Nullable String lastElection;

    Invariants(Sim sim) {
        this.sim = sim;
        this.oneGate = new OneGate(sim);
        this.oneLease = new OneLease(sim);
        this.liveness = new Liveness(sim);
        this.promises =
                List.of(
                        oneGate,
                        oneLease,
                        new HaltHolds(sim),
                        new ForceCounts(sim),
                        new Sturdiness(sim),
                        new Manners(sim),
                        liveness);
        sim.after(WATCH, this::watch);
    }

    /// One event and what a keeper made of it.
    record Decision(
            SimBot bot,
            TurnEvent event,
            TurnView before,
            List<TurnEffect> effects,
            TurnView after) {

        boolean closes() {
            for (TurnEffect effect : effects) {
                if (effect instanceof TurnEffect.CloseGate
                        || effect instanceof TurnEffect.DrainGate) {
                    return true;
                }
            }
            return false;
        }

        boolean opens() {
            for (TurnEffect effect : effects) {
                if (effect instanceof TurnEffect.OpenGate) {
                    return true;
                }
            }
            return false;
        }
    }

    /// Something that must hold. The methods are told what happens and throw [Sim#broken].
    interface Promise {
        default void gateOpened(SimPeer peer) {}

        default void gateClosed(SimPeer peer) {}

        default void started(SimBot bot) {}

        default void ended(SimBot bot) {}

        default void decided(Decision decision) {}

        /// Something has happened, anything.
        default void stepped() {}

        /// Called every five seconds.
        default void watched() {}
    }

    private void watch() {
        for (Promise promise : promises) {
            promise.watched();
        }
        sim.after(WATCH, this::watch);
    }

    /// Only the one promise that can be broken by any step of anybody.
    void stepped() {
        oneLease.stepped();
    }

    void gateOpened(SimPeer peer) {
        for (Promise promise : promises) {
            promise.gateOpened(peer);
        }
    }

    void gateClosed(SimPeer peer) {
        for (Promise promise : promises) {
            promise.gateClosed(peer);
        }
    }

    void started(SimBot bot) {
        for (Promise promise : promises) {
            promise.started(bot);
        }
    }

    void ended(SimBot bot) {
        for (Promise promise : promises) {
            promise.ended(bot);
        }
    }

    /// The id of the last election that a bot of ours has called; what an eavesdropper knows.
    Optional<String> overheard() {
        return Optional.ofNullable(lastElection);
    }

    void decided(
            SimBot bot,
            TurnEvent event,
            TurnView before,
            List<TurnEffect> effects,
            TurnView after) {
        var decision = new Decision(bot, event, before, effects, after);
        for (TurnEffect effect : effects) {
            if (effect instanceof TurnEffect.Send(_, PeerMessage.Call call)) {
                lastElection = call.election();
            }
        }
        for (Promise promise : promises) {
            promise.decided(decision);
        }
    }

    /// The channel has split, healed, or begun to lose messages.
    void troubled() {
        oneGate.troubled();
        liveness.stirred();
    }

    /// Something has happened after which liveness may take its full time again.
    void stirred() {
        liveness.stirred();
    }

    /// Old bots no longer know who is there, and never will again.
    void oldBotsLoseTrack() {
        oneGate.oldBotsLoseTrack();
        liveness.oldBotsLoseTrack();
    }

    /// Old bots die of strangers' lines; ours must never be the ones who kill.
    void oldBotDied(SimOldBot victim) {
        OldBot bot = victim.bot();
        String killer = bot == null ? null : bot.killer();
        for (SimBot suspect : sim.newBots()) {
            if (suspect.nick().equals(killer)) {
                throw sim.broken(killer + " has killed the old bot " + victim.name());
            }
        }
        liveness.stirred();
    }
}
