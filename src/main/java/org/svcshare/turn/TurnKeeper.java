package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;
import org.svcshare.turn.PeerMessage.CallKind;
import org.svcshare.turn.PeerMessage.ConnUpdate;

/// Decides when this bot's gate is open: takes events, returns effects.
///
/// This class and [PeerDesk] know which part hears what; the parts decide: [Greetings] who is
/// there, [Checks] when to ask, [Elections] and [LegacyElections] who wins, [Handover] how a turn
/// begins and ends, [CommandDesk] what people want.
///
/// Not thread-safe; the owning loop (`bot`) is the only caller.
public final class TurnKeeper {
    private final Situation at;
    private final KeptState restored;
    private final Outbox out = new Outbox();
    private final Handover handover;
    private final Greetings greetings;
    private final Checks checks;
    private final Elections elections;
    private final LegacyElections legacyElections;
    private final PeerDesk peerDesk;
    private final PoolDesk poolDesk;
    private final GroupDesk groupDesk;
    private final ReplicaDesk replicaDesk;
    private final CommandDesk desk;
    private boolean begun;
    private boolean usageChanged;
    private boolean steeringOwed;
    private boolean stopped;

    /// @param random draws election delays and the boot id; seed it to repeat a run
    public TurnKeeper(TurnSettings settings, KeptState kept, RandomGenerator random) {
        at = new Situation(settings, kept, random);
        checks = new Checks(at, out);
        handover = new Handover(at, out, checks, kept.turn(), this::keep);
        greetings = new Greetings(at, out, handover);
        elections = new Elections(at, out, handover, checks);
        legacyElections = new LegacyElections(at, out, handover, checks);
        peerDesk = new PeerDesk(at, handover, greetings, checks, elections, legacyElections);
        poolDesk = new PoolDesk(at, out);
        groupDesk = new GroupDesk(at, out);
        replicaDesk = new ReplicaDesk(at, out);
        desk =
                new CommandDesk(
                        at, out, handover, checks, poolDesk, groupDesk, replicaDesk, this::keep);
        checks.callThrough(
                new Checks.Caller() {
                    @Override
                    public boolean electing() {
                        return TurnKeeper.this.electing();
                    }

                    @Override
                    public void call(boolean major) {
                        TurnKeeper.this.call(major, false);
                    }
                });
        desk.callThrough(
                new CommandDesk.Caller() {
                    @Override
                    public void callByHand(boolean major, Asker asker) {
                        TurnKeeper.this.callByHand(major, asker);
                    }

                    @Override
                    public void abandon() {
                        legacyElections.taken();
                    }
                });
        restored = kept;
    }

    /// What to do first: close the gate, pause the client. Call once, before any event.
    public List<TurnEffect> start(Instant now) {
        at.now = now;
        boolean forever = restored.haltedForever() && at.settings.haltSurvivesRestart();
        at.halt.restore(forever, restored.haltedUntil(), now);
        Instant until = at.halt.until();
        if (until != null) {
            out.start(Timer.HALT_END, Duration.between(now, until));
        }
        at.force.grant(restored.forceLeftBytes(), 0);
        handover.shut();
        out.start(Timer.CONNECTIONS, at.settings.connectionsEvery());
        return out.take();
    }

    /// Applies one event.
    ///
    /// @param now when it happened; never goes back
    /// @return what to do, in this order
    public List<TurnEffect> on(TurnEvent event, Instant now) {
        if (now.isAfter(at.now)) {
            at.now = now;
        }
        switch (event) {
            case TurnEvent.Joined joined -> joined(joined);
            case TurnEvent.Lost(String why) -> lost(why);
            case TurnEvent.MemberJoined(String nick) -> peerDesk.memberJoined(nick);
            case TurnEvent.MemberLeft(String nick) -> peerDesk.memberLeft(nick);
            case TurnEvent.Renamed(String from, String to) -> peerDesk.renamed(from, to);
            case TurnEvent.Heard heard -> peerDesk.heard(heard);
            case TurnEvent.Asked(Asker asker, Command command) -> {
                // A halt is kept for the next process.
                if (!at.stopping || command instanceof Command.Halt) {
                    desk.asked(asker, command);
                }
            }
            case TurnEvent.ClientSeen(QueueSnapshot queue) -> clientSeen(queue);
            case TurnEvent.ClientLost(String why) -> clientLost(why);
            case TurnEvent.ClientSteered steered -> clientSteered(steered);
            case TurnEvent.Enqueued(Asker asker, List<String> ids, String detail) ->
                    desk.enqueued(asker, ids, detail);
            case TurnEvent.GateOpened() -> handover.gateOpened();
            case TurnEvent.GateFailed(String why) -> handover.gateFailed(why);
            case TurnEvent.GateClosed(int cut) -> {
                handover.gateClosed(cut);
                stopWhenAtRest();
            }
            case TurnEvent.Traffic traffic -> traffic(traffic);
            case TurnEvent.Knocked() -> {
                out.note(new Happening.Knock());
                at.queue.knocked(at.holds, at.now);
                checks.knocked();
            }
            case TurnEvent.GuardGranted(long turn, long fence) ->
                    handover.guardGranted(turn, fence);
            case TurnEvent.GuardAwaited(long turn, String why) -> handover.guardAwaited(turn, why);
            case TurnEvent.GuardLost(long turn, String why) -> handover.guardLost(turn, why);
            case TurnEvent.PoolsAnswered(Asker asker, PoolNews news) ->
                    poolDesk.answered(asker, news);
            case TurnEvent.PoolCalled(String nick, PoolCall call) -> poolDesk.called(nick, call);
            case TurnEvent.GroupAnswered(Asker asker, GroupNews news) ->
                    groupDesk.answered(asker, news);
            case TurnEvent.ReplicasAnswered(Asker asker, ReplicaNews news) ->
                    replicaDesk.answered(asker, news);
            case TurnEvent.TimerFired(Timer timer) -> fired(timer);
            case TurnEvent.Stopping() -> stopping();
        }
        return out.take();
    }

    private void fired(Timer timer) {
        switch (timer) {
            case SOON_CHECK -> checks.soonFired();
            case QUEUE_CHECK -> checks.periodic();
            case TRANSITION -> checks.transition();
            case CONNECTIONS -> connectionsLook();
            case UNHALT -> at.halt.technical(!at.inChannel);
            case HALT_END -> desk.haltEnded();
            case ELECTION -> elections.timedOut();
            case LEGACY_ELECTION -> legacyElections.timedOut();
            case PROBE -> legacyElections.probed();
            case RESULT -> elections.winnerMissing();
            case HANDOVER -> handover.handoverTimedOut();
            case QUIET -> handover.quietEnded();
            case LINGER -> handover.lingerLook();
            case TURN_MAX -> turnMaxReached();
        }
    }

    private void joined(TurnEvent.Joined joined) {
        at.nick = joined.nick();
        at.inChannel = true;
        at.joinedAt = at.now;
        elections.taken();
        legacyElections.taken();
        handover.forgetHolder();
        at.peers.reset(joined.casemapping(), joined.members());
        at.peers.memberLeft(joined.nick());
        out.note(new Happening.ChannelJoined(joined.nick()));
        greetings.announce();
        at.halt.technical(!at.holds);
        out.start(Timer.UNHALT, at.settings.unhaltAfter());
        if (!begun) {
            begun = true;
            checks.begin();
        }
        checks.soon(at.settings.firstCheck());
    }

    /// Without the channel nobody could tell this bot to close, so it closes.
    private void lost(String why) {
        if (!at.inChannel) {
            return;
        }
        at.inChannel = false;
        elections.taken();
        legacyElections.taken();
        checks.forgetSoon();
        out.cancel(Timer.UNHALT);
        out.note(new Happening.ChannelLost(why));
        if (!at.settings.keepGateWhenLost() || !handover.open()) {
            at.force.clear();
            handover.release("the channel was lost: " + why, Duration.ZERO);
        }
        at.halt.technical(!at.holds);
    }

    private boolean electing() {
        return elections.running() || legacyElections.running();
    }

    private void call(boolean major, boolean byHand) {
        if (at.peers.legacy()) {
            if (major) {
                legacyElections.callMajor(byHand);
            } else {
                legacyElections.callMinor();
            }
        } else {
            elections.call(major ? CallKind.TURN : CallKind.FREE, byHand);
        }
    }

    private void callByHand(boolean major, Asker asker) {
        if (!at.inChannel) {
            out.answer(asker, "Not in the channel.");
            return;
        }
        if (electing()) {
            out.answer(asker, "An election is running already.");
            return;
        }
        if (major) {
            checks.majorByHand();
            if (asker.direct()) {
                out.answer(asker, Texts.ELECTION_STARTED);
            }
            if (!at.peers.legacy()) {
                out.announce(Texts.ELECTION_STARTED);
            }
        }
        call(major, major);
    }

    private void clientSteered(TurnEvent.ClientSteered steered) {
        // Answers may overtake each other: a late pause must not outlive the turn's resume.
        steeringOwed = !steered.done() || steered.pause() == handover.serving();
        if (steered.pause()) {
            desk.clientPaused(steered.done());
        }
    }

    /// It answers; so it can be told again what it did not do when it was told.
    private void clientSeen(QueueSnapshot queue) {
        if (steeringOwed) {
            steeringOwed = false;
            out.add(
                    handover.serving()
                            ? new TurnEffect.ResumeClient()
                            : new TurnEffect.PauseClient());
        }
        if (at.queue.seen(queue, at.holds, at.now)) {
            out.note(new Happening.ClientBack());
        }
    }

    private void clientLost(String why) {
        if (at.queue.lost(at.holds, at.now)) {
            out.note(new Happening.ClientUnreachable(why));
        }
    }

    private void traffic(TurnEvent.Traffic report) {
        long news = at.traffic.report(report, at.now);
        if (news > 0) {
            at.usage.add(news, at.now);
            usageChanged = true;
        }
    }

    /// The periodic look at connections and force.
    private void connectionsLook() {
        if (!at.stopping) {
            out.start(Timer.CONNECTIONS, at.settings.connectionsEvery());
        }
        if (at.traffic.appeared()) {
            out.chat(Texts.status(at));
            tellConnections(at.traffic.connections());
        }
        var span = at.traffic.ended(at.now);
        if (span != null) {
            out.chat(Texts.connectionsEnded(span));
            tellConnections(0);
            out.note(new Happening.Transferred(span.movedBytes(), span.began(), span.ended()));
        }
        if (at.force.endedSinceLastLook(at.traffic.movedBytes())) {
            out.chat(Texts.forceEnded(at));
            out.note(new Happening.ForceEnded("allotment used or taken back"));
            usageChanged = true;
        }
        if (usageChanged) {
            usageChanged = false;
            keep();
        }
    }

    /// Old bots wait for this; new ones have RELEASED.
    private void tellConnections(int connections) {
        if (at.inChannel && at.peers.legacy()) {
            out.broadcast(new ConnUpdate(at.settings.owner(), connections));
        }
    }

    private void turnMaxReached() {
        if (!at.holds || at.forced()) {
            return;
        }
        out.start(Timer.TURN_MAX, at.settings.turnMax());
        if (at.inChannel && !at.peers.isEmpty() && !at.peers.legacy() && !electing()) {
            at.givesWay = true;
            call(true, false);
        }
    }

    private void stopping() {
        if (at.stopping) {
            return;
        }
        elections.taken();
        legacyElections.taken();
        checks.forgetSoon();
        at.stopping = true;
        if (at.inChannel && at.peers.legacy() && at.traffic.connections() > 0) {
            tellConnections(0);
        }
        long forceLeftBytes = at.force.leftBytes(at.traffic.movedBytes());
        handover.release("this bot stops", Duration.ZERO);
        // A stop does not use the allotment up: it is there when the next process runs.
        at.force.grant(forceLeftBytes, at.traffic.movedBytes());
        keep();
        stopWhenAtRest();
    }

    private void stopWhenAtRest() {
        if (at.stopping && !stopped && handover.atRest()) {
            stopped = true;
            if (at.inChannel && at.peers.anyModern()) {
                out.broadcast(new PeerMessage.Bye(handover.turn()));
            }
            out.add(new TurnEffect.Stopped());
        }
    }

    private void keep() {
        out.add(
                new TurnEffect.Keep(
                        new KeptState(
                                handover.highest(),
                                at.halt.byHand() ? at.halt.until() : null,
                                at.halt.byHand() && at.halt.until() == null,
                                at.force.leftBytes(at.traffic.movedBytes()),
                                at.usage.bytesByDay())));
    }

    /// This bot's boot id, 16 hexadecimal digits.
    public String bootId() {
        return at.bootId;
    }

    public TurnView view() {
        return new TurnView(
                at.nick,
                at.inChannel,
                handover.highest(),
                at.holds,
                handover.open(),
                at.halt.inForce(),
                at.halt.byHand() ? at.halt.until() : null,
                at.force.leftBytes(at.traffic.movedBytes()),
                at.traffic.connections(),
                at.queueMb(),
                at.peers.legacy(),
                at.peers.all().stream().map(Peers.Peer::nick).toList(),
                electing(),
                at.why(),
                at.fence,
                at.awaiting);
    }
}
