package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage.LegacyYield;
import org.svcshare.turn.PeerMessage.Released;
import org.svcshare.turn.PeerMessage.Result;
import org.svcshare.turn.PeerMessage.Yield;

/// How a turn passes from one bot to the next: yield, drain, released, quiet gap, open.
///
/// Knows the highest turn number, who holds it, and how far this bot's own turn has come. Turn
/// numbers decide between two that claim the service: the higher stands, and of two equal ones the
/// smaller nick (docs/peer-protocol.md, "Election" 5 and 7).
final class Handover {
    /// One message moves the highest number known by no more than this, so that nobody can use up
    /// the numbers; who has fallen behind further catches up message by message.
    private static final long MOST_AHEAD = 1_000_000;

    private static final Duration REASSERT_GAP = Duration.ofSeconds(5);

    /// How often who waits for the lease says so, and for what, and that the turn is his.
    private static final Duration AWAITING_GAP = Duration.ofMinutes(1);

    private static final int LONGEST_AWAITING = 120;

    private static final Duration RETRY_GATE_LEAST = Duration.ofMinutes(1);
    private static final Duration RETRY_GATE_MOST = Duration.ofMinutes(2);

    /// How far this bot's own turn has come.
    private enum Stage {
        NONE,
        AWAITING_RELEASE,
        QUIET,
        GUARD,
        OPENING,
        OPEN
    }

    /// Another bot that took a turn and has not given it back.
    private record Holder(String nick, long turn) {}

    /// The old gate, while it is still closing.
    private record Closing(long turn) {}

    private final Situation at;
    private final Outbox out;
    private final Checks checks;
    private final Runnable keep;
    private Stage stage = Stage.NONE;
    private long turn;
    private long highest;
    private boolean quietOver;
    private String reason = "";
    private double queueMbAtStart;
    private Duration waited = Duration.ZERO;
    private Instant openSince = Instant.EPOCH;
    private long markBytes;
    private @Nullable Instant reassertedAt;
    private Duration retryGate = Duration.ZERO;
    private String toldBroken = "";
    private boolean guardAsked;
    private @Nullable Instant toldAwaitingAt;

    /// What the last wait for the lease was told to be for, if nothing came of it.
    private String awaitedInVain = "";

    private @Nullable Holder holder;
    private @Nullable Closing closing;

    /// @param keep persists the state; called before a new turn number is told to anybody
    Handover(Situation at, Outbox out, Checks checks, long highest, Runnable keep) {
        this.at = at;
        this.out = out;
        this.checks = checks;
        this.highest = highest;
        this.keep = keep;
    }

    /// Takes the service: tells the others to close, and opens when they have.
    ///
    /// @param text for the channel
    /// @param why for `why`
    void take(String text, String why) {
        checks.forgetSoon();
        if (at.holds) {
            out.announce(text);
            at.decided(why);
            return;
        }
        turn = ++highest;
        keep.run();
        reason = why;
        queueMbAtStart = at.queueMb();
        waited = at.queue.waited(at.now);
        at.holds = true;
        at.rests = false;
        at.queue.turned(true, at.now);
        at.decided(why);
        out.announce(text);
        claim();
        quietOver = false;
        if (holder != null && modern(holder.nick())) {
            stage = Stage.AWAITING_RELEASE;
            out.start(Timer.HANDOVER, at.settings.handoverTimeout());
        } else {
            beginQuiet();
        }
    }

    /// Tells everybody in the words of both generations, because there may be bots that this one
    /// has not met: it may only just have joined.
    private void claim() {
        out.broadcast(new LegacyYield());
        out.broadcast(new Yield(turn));
    }

    private boolean modern(String nick) {
        var peer = at.peers.get(nick);
        return peer != null && peer.modern();
    }

    private void beginQuiet() {
        stage = Stage.QUIET;
        out.cancel(Timer.HANDOVER);
        // With nobody else in the channel there is nobody whose gate could still be open.
        boolean alone = at.alone() && holder == null;
        holder = null;
        if (alone) {
            quietEnded();
        } else {
            out.start(Timer.QUIET, quietGap());
        }
    }

    /// Who has only just joined may not know of a holder yet, whose answer is on its way.
    private Duration quietGap() {
        Duration quiet = at.settings.handoverQuiet();
        boolean newHere = at.now.isBefore(at.joinedAt.plus(at.settings.handoverTimeout()));
        Duration arrival = at.settings.electionTimeout();
        return newHere && arrival.compareTo(quiet) > 0 ? arrival : quiet;
    }

    /// The previous holder did not say that it closed; it has had its time.
    void handoverTimedOut() {
        if (stage == Stage.AWAITING_RELEASE) {
            beginQuiet();
        }
    }

    void quietEnded() {
        if (stage == Stage.QUIET) {
            quietOver = true;
            openWhenClosed();
        }
    }

    private void openWhenClosed() {
        if (stage != Stage.QUIET || !quietOver || closing != null) {
            return;
        }
        if (at.settings.guarded()) {
            stage = Stage.GUARD;
            guardAsked = true;
            toldAwaitingAt = null;
            reassertedAt = at.now;
            openSince = at.now;
            out.add(new TurnEffect.AcquireGuard(turn));
            out.start(Timer.LINGER, at.settings.turnLinger());
        } else {
            stage = Stage.OPENING;
            out.add(new TurnEffect.OpenGate(turn));
        }
    }

    void guardGranted(long ofTurn, long fence) {
        if (stage == Stage.GUARD && ofTurn == turn) {
            at.awaiting = "";
            at.fence = fence;
            stage = Stage.OPENING;
            out.add(new TurnEffect.OpenGate(turn));
        }
    }

    /// The turn is this bot's, the lease is not: it waits, and says for what.
    void guardAwaited(long ofTurn, String why) {
        if (stage != Stage.GUARD || ofTurn != turn) {
            return;
        }
        String news = why.substring(0, Math.min(why.length(), LONGEST_AWAITING));
        boolean lately =
                toldAwaitingAt != null
                        && (news.equals(at.awaiting)
                                || at.now.isBefore(toldAwaitingAt.plus(AWAITING_GAP)));
        boolean told = lately || news.equals(awaitedInVain);
        at.awaiting = news;
        if (reassertedAt == null || !at.now.isBefore(reassertedAt.plus(AWAITING_GAP))) {
            // Who has the lease may not have heard that the turn is over.
            reassertedAt = at.now;
            claim();
        }
        if (!told) {
            toldAwaitingAt = at.now;
            out.chat(Texts.awaiting(news) + ".");
        }
    }

    /// Without the lease the gate closes at once: somebody else may have it by now.
    void guardLost(long ofTurn, String why) {
        if (stage == Stage.NONE || !guardAsked || ofTurn != turn) {
            return;
        }
        if (stage == Stage.GUARD) {
            awaitedInVain = at.awaiting;
            notForNow("the guard cannot be had: " + why);
            return;
        }
        out.chat("Closing: the guard was lost: " + why + ".");
        at.brokenUntil = at.now.plus(at.settings.handoverTimeout());
        checks.soon(at.settings.handoverTimeout().plusSeconds(1));
        release("the guard was lost: " + why, Duration.ZERO);
    }

    private void releaseGuard() {
        if (guardAsked) {
            guardAsked = false;
            at.awaiting = "";
            at.fence = 0;
            out.add(new TurnEffect.ReleaseGuard());
        }
    }

    void gateOpened() {
        if (stage != Stage.OPENING) {
            return;
        }
        stage = Stage.OPEN;
        retryGate = Duration.ZERO;
        toldBroken = "";
        awaitedInVain = "";
        openSince = at.now;
        markBytes = at.traffic.movedBytes();
        out.add(new TurnEffect.ResumeClient());
        out.note(new Happening.TurnGranted(turn, queueMbAtStart, waited, reason, at.fence));
        if (at.tell != null) {
            out.announce(at.tell + ": your turn.");
            at.tell = null;
        }
        out.start(Timer.LINGER, at.settings.turnLinger());
        if (!at.settings.turnMax().isZero()) {
            out.start(Timer.TURN_MAX, at.settings.turnMax());
        }
    }

    void gateFailed(String why) {
        if (stage != Stage.NONE) {
            notForNow(why);
        }
    }

    /// This bot cannot use a turn: it gives it up and does not stand for a while, the longer the
    /// more often.
    private void notForNow(String why) {
        retryGate = retryGate.isZero() ? RETRY_GATE_LEAST : shorter(retryGate.multipliedBy(2));
        at.brokenUntil = at.now.plus(retryGate);
        checks.soon(retryGate.plusSeconds(1));
        out.note(new Happening.GateBroken(why));
        if (!why.equals(toldBroken)) {
            toldBroken = why;
            out.chat("Cannot open the gate: " + why);
        }
        release("the gate cannot open: " + why, Duration.ZERO);
    }

    private static Duration shorter(Duration wait) {
        return wait.compareTo(RETRY_GATE_MOST) < 0 ? wait : RETRY_GATE_MOST;
    }

    /// Gives the turn up: the client pauses, the gate closes, the others are told when it has.
    ///
    /// @param drain how long open connections may finish; zero cuts them
    void release(String why, Duration drain) {
        if (stage == Stage.NONE) {
            return;
        }
        boolean gateTouched = stage == Stage.OPEN || stage == Stage.OPENING;
        if (stage == Stage.OPEN) {
            out.note(
                    new Happening.TurnLost(
                            turn,
                            at.traffic.movedBytes() - markBytes,
                            Duration.between(openSince, at.now),
                            why));
        }
        stage = Stage.NONE;
        at.holds = false;
        at.givesWay = false;
        at.asked = false;
        at.force.clear();
        at.queue.turned(false, at.now);
        at.decided("Turn " + turn + " is over: " + why + ".");
        out.cancel(Timer.HANDOVER);
        out.cancel(Timer.QUIET);
        out.cancel(Timer.LINGER);
        out.cancel(Timer.TURN_MAX);
        if (gateTouched) {
            close(turn, drain);
        } else {
            if (closing == null) {
                releaseGuard();
            }
            tellReleased(turn, 0);
        }
        keep.run();
    }

    /// Pauses the client and closes the gate, whatever their state.
    void shut() {
        Closing before = closing;
        close(0, Duration.ZERO);
        if (before != null) {
            closing = before;
        }
    }

    private void close(long endedTurn, Duration drain) {
        closing = new Closing(endedTurn);
        out.add(new TurnEffect.PauseClient());
        out.add(drain.isZero() ? new TurnEffect.CloseGate() : new TurnEffect.DrainGate(drain));
    }

    void gateClosed(int cut) {
        if (closing == null) {
            return;
        }
        long ended = closing.turn();
        closing = null;
        releaseGuard();
        if (ended > 0) {
            tellReleased(ended, cut);
        }
        openWhenClosed();
    }

    private void tellReleased(long ended, int cut) {
        if (at.inChannel && at.peers.anyModern()) {
            out.broadcast(new Released(ended, cut));
        }
    }

    /// Generation 1 says that it takes over: no questions asked.
    ///
    /// @return whether this bot had the turn
    boolean yieldTo(String nick) {
        holder = new Holder(nick, highest);
        if (stage == Stage.NONE) {
            return false;
        }
        out.chat(Texts.YIELDING);
        release(nick + " took over", at.settings.handoverDrain());
        return true;
    }

    /// A peer of generation 2 claims a turn.
    ///
    /// @return whether the claim stands
    boolean claimed(String nick, Yield claim) {
        if (claim.turn() <= 0) {
            return false;
        }
        String standing = stage != Stage.NONE ? at.nick : holder == null ? "" : holder.nick();
        long standingTurn = stage != Stage.NONE ? turn : holder == null ? 0 : holder.turn();
        boolean refused =
                claim.turn() < highest || (claim.turn() == standingTurn && before(standing, nick));
        if (refused) {
            if (!at.peers.same(standing, nick)) {
                String winner = standing.isEmpty() ? null : standing;
                String known = "turn " + highest + " is known already";
                out.send(nick, new Result("", winner, highest, known));
            }
            return false;
        }
        learn(claim.turn());
        holder = new Holder(nick, Math.min(claim.turn(), highest));
        if (stage != Stage.NONE) {
            out.chat(Texts.YIELDING);
            release(nick + " took turn " + claim.turn(), at.settings.handoverDrain());
        }
        return true;
    }

    /// Of two claims with one number the smaller nick stands; a claim is never refused for its own.
    private boolean before(String standing, String nick) {
        return !standing.isEmpty() && at.peers.fold(standing).compareTo(at.peers.fold(nick)) < 0;
    }

    /// Somebody knows a higher turn than the one that this bot has: it must close.
    ///
    /// @return whether it had to
    boolean corrected(String by, Result result) {
        if (result.turn() < 0) {
            return false;
        }
        boolean elsewhere = result.winner() == null || !at.peers.same(result.winner(), at.nick);
        boolean sameNumber = result.election().isEmpty() && result.turn() == turn;
        boolean mustClose =
                stage != Stage.NONE && elsewhere && (result.turn() > turn || sameNumber);
        learn(result.turn());
        if (mustClose) {
            out.chat(Texts.YIELDING);
            release(by + " knows turn " + result.turn(), Duration.ZERO);
        }
        return mustClose;
    }

    private void learn(long other) {
        if (other > highest) {
            highest = Math.min(other, highest + MOST_AHEAD);
            keep.run();
        }
    }

    /// Somebody's gate is closed.
    ///
    /// @return whether the service is free now, as far as this bot knows
    boolean released(String nick) {
        if (holder == null || !at.peers.same(holder.nick(), nick)) {
            return false;
        }
        holder = null;
        if (stage == Stage.AWAITING_RELEASE) {
            beginQuiet();
            return false;
        }
        return stage == Stage.NONE;
    }

    /// A voter said that it runs: so it is the one to wait for.
    void runs(String nick) {
        if (holder == null && !at.peers.same(nick, at.nick)) {
            holder = new Holder(nick, highest);
        }
    }

    /// A voter said that it does not run.
    void rests(String nick) {
        if (holder != null && stage == Stage.NONE && at.peers.same(holder.nick(), nick)) {
            holder = null;
        }
    }

    /// Tells a newcomer who holds the turn, in case it believes that it does.
    void greet(String nick) {
        if (at.holds) {
            out.send(nick, new Yield(turn));
        }
    }

    /// Somebody else runs as well, as after a netsplit: says again who holds which turn, so that
    /// one of the two closes.
    void reassert() {
        boolean due = reassertedAt == null || at.now.isAfter(reassertedAt.plus(REASSERT_GAP));
        if ((stage == Stage.OPEN || stage == Stage.GUARD) && due) {
            reassertedAt = at.now;
            claim();
        }
    }

    /// Tells a bot that a netsplit had cut off who holds the turn: it may have opened meanwhile.
    void greetReturned(String nick) {
        if (at.holds) {
            out.send(nick, new LegacyYield());
            out.send(nick, new Yield(turn));
        }
    }

    void renamed(String from, String to) {
        if (holder != null && at.peers.same(holder.nick(), from)) {
            holder = new Holder(to, holder.turn());
        }
    }

    void forgetHolder() {
        holder = null;
    }

    /// Whether a turn that nobody uses is over. Generation 1 would not notice, so with its peers
    /// around the gate stays open until somebody takes it.
    void lingerLook() {
        if (stage != Stage.OPEN && stage != Stage.GUARD) {
            return;
        }
        boolean usedUp =
                at.queueMb() == 0
                        && (at.queue.known() || !at.settings.clientAsked())
                        && at.traffic.idle(openSince, at.now).compareTo(at.settings.turnLinger())
                                >= 0;
        if (usedUp && !at.peers.isEmpty() && !at.peers.legacy()) {
            out.chat("Queue is empty. Turn " + turn + " is over.");
            release("its queue was empty", Duration.ZERO);
        } else {
            out.start(Timer.LINGER, lookAgain());
        }
    }

    private Duration lookAgain() {
        Duration step = at.settings.turnLinger().dividedBy(6);
        return step.compareTo(Duration.ofMillis(100)) < 0 ? Duration.ofMillis(100) : step;
    }

    long turn() {
        return turn;
    }

    long highest() {
        return highest;
    }

    boolean open() {
        return stage == Stage.OPEN || stage == Stage.OPENING;
    }

    /// The gate is open, as it said itself: the client program may run.
    boolean serving() {
        return stage == Stage.OPEN;
    }

    /// Nothing of this bot is open or closing.
    boolean atRest() {
        return stage == Stage.NONE && closing == null;
    }

    /// Who has the turn, as far as this bot knows.
    Optional<String> holderNick() {
        return stage != Stage.NONE
                ? Optional.of(at.nick)
                : Optional.ofNullable(holder).map(Holder::nick);
    }
}
