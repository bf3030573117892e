package org.svcshare.sim;

import java.util.HashMap;
import java.util.Map;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEvent;

/// T5: what is left of a force is its allotment less the bytes that the gate has reported since, to
/// the byte; and while some is left, no election closes the gate.
///
/// A force may end early, all at once, by what a person or another bot may rightly do: a yield, a
/// pause, a halt, another force, the loss of the channel, the end of the process or of the gate;
/// and by an empty queue.
final class ForceCounts implements Invariants.Promise {
    private static final long MB = SimClient.MB;

    private final Sim sim;
    private final Map<SimBot, Long> reported = new HashMap<>();

    ForceCounts(Sim sim) {
        this.sim = sim;
    }

    @Override
    public void started(SimBot bot) {
        reported.put(bot, 0L);
    }

    @Override
    public void decided(Invariants.Decision decision) {
        SimBot bot = decision.bot();
        long was = decision.before().forceLeftBytes();
        long is = decision.after().forceLeftBytes();
        if (is < 0) {
            throw sim.broken("T5: " + bot.name() + " has " + is + " bytes of force left");
        }
        if (decision.event() instanceof TurnEvent.Traffic traffic) {
            long moved = traffic.movedBytes() - reported.getOrDefault(bot, 0L);
            reported.put(bot, traffic.movedBytes());
            if (was > 0 && is != Math.max(0, was - moved)) {
                throw sim.broken(
                        "T5: %s had %d bytes of force left, moved %d and has %d"
                                .formatted(bot.name(), was, moved, is));
            }
            if (is > 0 && decision.closes()) {
                throw sim.broken("T5: " + bot.name() + " closes with force left");
            }
            return;
        }
        if (decision.event() instanceof TurnEvent.Asked(_, Command.Force(long allotmentMb))) {
            if (is > allotmentMb * MB) {
                throw sim.broken("T5: " + bot.name() + " was given more force than asked for");
            }
            return;
        }
        if (was == is && !(was > 0 && decision.before().gateOpen() && decision.closes())) {
            return;
        }
        if (is != 0 && was != is) {
            throw sim.broken(
                    "T5: the force of %s goes from %d to %d by %s"
                            .formatted(bot.name(), was, is, decision.event()));
        }
        if (!mayEnd(decision)) {
            throw sim.broken("T5: " + bot.name() + " loses its force by " + decision.event());
        }
    }

    private static boolean mayEnd(Invariants.Decision decision) {
        return switch (decision.event()) {
            case TurnEvent.Heard heard ->
                    heard.message() instanceof PeerMessage.Yield
                            || heard.message() instanceof PeerMessage.LegacyYield
                            // The answer to a turn number that is too low: rule 7.
                            || heard.message() instanceof PeerMessage.Result;
            case TurnEvent.Asked asked ->
                    asked.command() instanceof Command.Pause
                            || asked.command() instanceof Command.Halt;
            case TurnEvent.Lost _, TurnEvent.Stopping _, TurnEvent.GateFailed _ -> true;
            case TurnEvent.GateClosed _, TurnEvent.GuardLost _ -> true;
            case TurnEvent.ClientSeen seen -> seen.queue().totalMb() == 0;
            case TurnEvent.TimerFired _ ->
                    decision.before().queueMb() == 0 || !decision.bot().client.reachable();
            case TurnEvent.Joined _,
                    TurnEvent.MemberJoined _,
                    TurnEvent.MemberLeft _,
                    TurnEvent.Renamed _,
                    TurnEvent.ClientLost _,
                    TurnEvent.ClientSteered _,
                    TurnEvent.Enqueued _,
                    TurnEvent.GateOpened _,
                    TurnEvent.Traffic _,
                    TurnEvent.Knocked _,
                    TurnEvent.GuardGranted _,
                    TurnEvent.GuardAwaited _,
                    TurnEvent.PoolsAnswered _,
                    TurnEvent.PoolCalled _,
                    TurnEvent.GroupAnswered _,
                    TurnEvent.ReplicasAnswered _ ->
                    false;
        };
    }
}
