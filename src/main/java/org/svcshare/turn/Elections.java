package org.svcshare.turn;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage.Call;
import org.svcshare.turn.PeerMessage.CallKind;
import org.svcshare.turn.PeerMessage.Result;
import org.svcshare.turn.PeerMessage.Vote;
import org.svcshare.turn.PeerMessage.VoteState;

/// Elections of generation 2: everybody votes in the channel, the caller counts, the winner takes
/// over, whoever called (docs/peer-protocol.md, "Election").
final class Elections {
    /// The others wait this much longer for the caller's count than the caller for the votes.
    private static final Duration GRACE = Duration.ofSeconds(2);

    /// Elections a peer may stay silent in before it is forgotten.
    private static final int PATIENCE = 3;

    private static final Duration AGAIN_LEAST = Duration.ofMillis(300);
    private static final Duration AGAIN_MOST = Duration.ofSeconds(3);

    private final Situation at;
    private final Outbox out;
    private final Handover handover;
    private final Checks checks;
    private final Map<String, Vote> early = new HashMap<>();
    private @Nullable Box box;
    private @Nullable String expected;
    private long calls;

    /// The ballot box of one election as this bot fills it.
    private static final class Box {
        final Call call;
        final String caller;
        final boolean mine;
        final boolean asked;
        final Set<String> awaited = new HashSet<>();
        final Map<String, Verdict.Ballot> ballots = new HashMap<>();

        Box(Call call, String caller, boolean mine, boolean asked) {
            this.call = call;
            this.caller = caller;
            this.mine = mine;
            this.asked = asked;
        }
    }

    Elections(Situation at, Outbox out, Handover handover, Checks checks) {
        this.at = at;
        this.out = out;
        this.handover = handover;
        this.checks = checks;
    }

    boolean running() {
        return box != null;
    }

    /// Calls an election, unless one is running.
    ///
    /// @param asked whether a person asked for it, who wants to hear how it ends
    void call(CallKind kind, boolean asked) {
        if (box != null || !at.inChannel) {
            return;
        }
        String id = at.bootId + "-" + String.format("%06x", ++calls & 0xffffff);
        var call = new Call(id, kind, at.settings.policy().word());
        out.broadcast(call);
        open(new Box(call, at.nick, true, asked), at.settings.electionTimeout());
        countIfComplete();
    }

    /// Starts to collect votes, and casts this bot's own.
    private void open(Box opened, Duration timeout) {
        box = opened;
        expected = null;
        out.cancel(Timer.RESULT);
        at.peers.all().stream()
                .filter(Peers.Peer::modern)
                .forEach(peer -> opened.awaited.add(at.peers.fold(peer.nick())));
        cast(opened.call.election(), opened);
        out.start(Timer.ELECTION, timeout);
        early.forEach((key, vote) -> {
            if (vote.election().equals(opened.call.election())) {
                var peer = at.peers.get(key);
                if (peer != null) {
                    put(opened, peer.nick(), vote);
                }
            }
        });
        early.clear();
    }

    private void cast(String election, @Nullable Box into) {
        Vote vote = at.vote(election);
        out.broadcast(vote);
        if (into != null) {
            put(into, at.nick, vote);
        }
    }

    private void put(Box into, String nick, Vote vote) {
        String key = at.peers.fold(nick);
        into.awaited.remove(key);
        into.ballots.putIfAbsent(key, new Verdict.Ballot(nick, key, vote));
        if (vote.state() == VoteState.RUNNING || vote.state() == VoteState.FORCED) {
            handover.runs(nick);
        } else {
            handover.rests(nick);
        }
    }

    /// Somebody calls. Of two calls that cross, the smaller id stands.
    void called(String nick, Call call) {
        if (box != null
                && (box.call.election().equals(call.election())
                        || box.call.election().compareTo(call.election()) < 0)) {
            return;
        }
        if (!at.peers.mayCauseAnswer(nick, at.now)) {
            return;
        }
        open(
                new Box(call, nick, false, box != null && box.asked),
                at.settings.electionTimeout().plus(GRACE));
        countIfComplete();
    }

    void voted(String nick, Vote vote) {
        if (box == null || !box.call.election().equals(vote.election())) {
            early.put(at.peers.fold(nick), vote);
            return;
        }
        if (!box.awaited.contains(at.peers.fold(nick))) {
            return;
        }
        put(box, nick, vote);
        countIfComplete();
    }

    private void countIfComplete() {
        if (box != null && box.mine && box.awaited.isEmpty()) {
            count();
        }
    }

    /// The time for votes is over: the silent count as absent. Who only voted gives the election up
    /// when the caller does not say what it counted.
    void timedOut() {
        if (box == null) {
            return;
        }
        for (String key : List.copyOf(box.awaited)) {
            at.peers.silent(key, PATIENCE);
        }
        if (box.mine) {
            count();
        } else {
            String caller = box.caller;
            close();
            at.decided("The election of " + caller + " had no result.");
            tryAgain();
        }
    }

    private void count() {
        Box full = box;
        if (full == null) {
            return;
        }
        Verdict verdict =
                Verdict.of(
                        policy(full.call.policy()),
                        full.call.kind(),
                        at.settings.ageingHalfLife(),
                        new ArrayList<>(full.ballots.values()));
        var result =
                new Result(
                        full.call.election(),
                        verdict.winner(),
                        handover.highest(),
                        verdict.reason());
        out.broadcast(result);
        conclude(full, result, verdict.stays());
    }

    private Policy policy(String word) {
        for (Policy policy : Policy.values()) {
            if (policy.word().equals(word)) {
                return policy;
            }
        }
        return at.settings.policy();
    }

    /// The caller says what it counted.
    void resulted(String nick, Result result) {
        Box full = box;
        boolean ours =
                full != null
                        && !full.mine
                        && full.call.election().equals(result.election())
                        && at.peers.same(full.caller, nick);
        boolean closed = handover.corrected(nick, result);
        if (full == null || !ours) {
            if (closed) {
                tryAgain();
            }
            return;
        }
        var winner =
                result.winner() == null ? null : full.ballots.get(at.peers.fold(result.winner()));
        boolean stays =
                winner != null
                        && (winner.vote().state() == VoteState.RUNNING
                                || winner.vote().state() == VoteState.FORCED);
        conclude(full, result, stays);
    }

    private void conclude(Box full, Result result, boolean stays) {
        close();
        String winner = result.winner();
        boolean free = full.call.kind() == CallKind.FREE;
        out.note(new Happening.ElectionEnded(free ? "free" : "turn", winner, result.reason()));
        String sentence = winner == null ? "Nobody won" : winner + (stays ? " stays" : " won");
        at.decided(sentence + ": " + result.reason() + ".");
        if (winner == null) {
            if (full.asked && at.queueMb() == 0) {
                out.announce(Texts.WON_EMPTY);
            }
            keepTurnAfterAll();
        } else if (!at.peers.same(winner, at.nick)) {
            if (!stays && at.queueMb() > 0) {
                expected = winner;
                Duration patience = at.settings.electionTimeout();
                out.start(Timer.RESULT, patience.plus(at.between(Duration.ZERO, AGAIN_MOST)));
            }
            if (stays && full.asked) {
                out.announce(Texts.format("Election lost: %s.", result.reason()));
            }
        } else if (at.holds) {
            if (full.asked) {
                out.announce(Texts.won(at.queueMb()));
            }
            keepTurnAfterAll();
        } else if (at.mayCall() && at.queueMb() > 0) {
            handover.take(
                    free ? Texts.autoResumed(at.queueMb()) : Texts.won(at.queueMb()),
                    at.nick + " won: " + result.reason() + ".");
        }
    }

    /// The longest turn was over, but nobody else wants one.
    private void keepTurnAfterAll() {
        if (at.holds && at.givesWay) {
            at.givesWay = false;
            out.start(Timer.TURN_MAX, at.settings.turnMax());
        }
    }

    /// The winner did not show itself.
    void winnerMissing() {
        String missing = expected;
        expected = null;
        if (missing != null) {
            at.peers.silent(missing, PATIENCE);
            at.decided(missing + " won but did not take over.");
            tryAgain();
        }
    }

    /// Somebody took the service: whatever was being decided is.
    void taken() {
        if (box != null) {
            close();
        }
        expected = null;
        out.cancel(Timer.RESULT);
    }

    private void close() {
        box = null;
        out.cancel(Timer.ELECTION);
    }

    private void tryAgain() {
        if (at.queueMb() > 0) {
            checks.soon(at.between(AGAIN_LEAST, AGAIN_MOST));
        }
    }

    /// A peer is gone: nobody waits for its vote, nor counts it.
    void gone(String nick) {
        String key = at.peers.fold(nick);
        early.remove(key);
        if (box == null) {
            return;
        }
        box.awaited.remove(key);
        box.ballots.remove(key);
        if (!box.mine && at.peers.same(box.caller, nick)) {
            close();
            tryAgain();
        } else {
            countIfComplete();
        }
    }

    void renamed(String from, String to) {
        String oldKey = at.peers.fold(from);
        String newKey = at.peers.fold(to);
        Vote waiting = early.remove(oldKey);
        if (waiting != null) {
            early.put(newKey, waiting);
        }
        if (expected != null && at.peers.same(expected, from)) {
            expected = to;
        }
        if (box == null) {
            return;
        }
        if (box.awaited.remove(oldKey)) {
            box.awaited.add(newKey);
        }
        Verdict.Ballot ballot = box.ballots.remove(oldKey);
        if (ballot != null) {
            box.ballots.put(newKey, new Verdict.Ballot(to, newKey, ballot.vote()));
        }
        if (!box.mine && at.peers.same(box.caller, from)) {
            Box renamed = new Box(box.call, to, false, box.asked);
            renamed.awaited.addAll(box.awaited);
            renamed.ballots.putAll(box.ballots);
            box = renamed;
        }
    }
}
