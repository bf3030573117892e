package org.svcshare.turn;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage.ConnStat;
import org.svcshare.turn.PeerMessage.ConnUpdate;
import org.svcshare.turn.PeerMessage.QueueSize;
import org.svcshare.turn.PeerMessage.StartElection;

/// Elections of generation 1, called while old bots are in the channel: they decide only whether
/// the caller may take over (svcshare 0.3 as specified, sections 6 and 12).
///
/// Other than the original, it waits only for the peers it asked and drops those that leave
/// (defects D5, D8a), keeps the two kinds of answers apart (D6), and backs off before a rival with
/// an equal claim (section 12, rule 9).
final class LegacyElections {
    /// How long a silent peer has to show that it lives.
    private static final Duration PROBE = Duration.ofSeconds(10);

    /// Failed probes after which it is forgotten.
    private static final int PATIENCE = 2;

    private static final Duration AGAIN_LEAST = Duration.ofSeconds(1);
    private static final Duration AGAIN_MOST = Duration.ofSeconds(3);

    private final Situation at;
    private final Outbox out;
    private final Handover handover;
    private final Checks checks;
    private final Set<String> probing = new LinkedHashSet<>();
    private @Nullable Round round;

    private static final class Round {
        final boolean major;
        final Set<String> awaited = new LinkedHashSet<>();
        final Map<String, Double> answers = new HashMap<>();
        final Set<String> rivals = new LinkedHashSet<>();

        Round(boolean major) {
            this.major = major;
        }
    }

    LegacyElections(Situation at, Outbox out, Handover handover, Checks checks) {
        this.at = at;
        this.out = out;
        this.handover = handover;
        this.checks = checks;
    }

    boolean running() {
        return round != null;
    }

    /// Asks everybody for the size of the queue.
    void callMajor(boolean asked) {
        open(new Round(true), new StartElection());
        if (asked) {
            out.announce(Texts.ELECTION_STARTED);
        }
    }

    /// Asks everybody for open connections.
    void callMinor() {
        open(new Round(false), new ConnStat());
    }

    private void open(Round opened, PeerMessage question) {
        round = opened;
        at.peers.all().forEach(peer -> opened.awaited.add(at.peers.fold(peer.nick())));
        out.broadcast(question);
        out.start(Timer.LEGACY_ELECTION, at.settings.legacyElectionTimeout());
        countIfComplete();
    }

    /// Somebody asks for our queue. A forced bot keeps silent, a halted one says nothing but 0.
    ///
    /// @return whether we have something to do and are not running, so that the asker's defeat
    ///   would leave the service unused
    boolean asked(String nick) {
        rival(nick, true);
        if (at.forced() || !at.peers.mayCauseAnswer(nick, at.now)) {
            return false;
        }
        boolean stands =
                switch (at.voteState()) {
                    case READY, RUNNING, FORCED -> true;
                    case HALTED, IDLE -> false;
                };
        out.send(nick, new QueueSize(stands ? at.queueMb() : 0));
        return stands && !at.holds && at.queueMb() > 0;
    }

    /// Somebody asks for our connections: always answered.
    void askedForConnections(String nick) {
        rival(nick, false);
        if (at.peers.mayCauseAnswer(nick, at.now)) {
            out.send(nick, new ConnUpdate(at.settings.owner(), at.traffic.connections()));
        }
    }

    private void rival(String nick, boolean major) {
        if (round != null && round.major == major) {
            round.rivals.add(at.peers.fold(nick));
        }
    }

    void sized(String nick, QueueSize answer) {
        answered(nick, true, answer.sizeMb());
    }

    /// @return whether this was an answer that an election waited for
    boolean counted(String nick, ConnUpdate answer) {
        return answered(nick, false, answer.connections());
    }

    private boolean answered(String nick, boolean major, double value) {
        Round asking = round;
        if (asking == null
                || asking.major != major
                || !asking.awaited.remove(at.peers.fold(nick))) {
            return false;
        }
        asking.answers.put(at.peers.fold(nick), value);
        countIfComplete();
        return true;
    }

    private void countIfComplete() {
        if (round != null && round.awaited.isEmpty()) {
            count(round);
        }
    }

    /// Missing answers fail the election: the silent bot may be forced. Whether it lives at all is
    /// asked privately, because every bot tells its connections in every state.
    void timedOut() {
        Round failed = round;
        if (failed == null) {
            return;
        }
        close();
        probing.clear();
        for (String key : failed.awaited) {
            var peer = at.peers.get(key);
            if (peer != null && at.mayCall()) {
                probing.add(key);
                peer.suspect();
                out.send(peer.nick(), new ConnStat());
            }
        }
        if (!probing.isEmpty()) {
            out.start(Timer.PROBE, PROBE);
        }
        at.decided(
                "The election failed: no answer from " + String.join(", ", failed.awaited) + ".");
        note(null, "no answer from " + failed.awaited.size());
    }

    /// Who did not even tell its connections, twice, is no bot that could hold the service.
    void probed() {
        boolean dead = false;
        for (String key : probing) {
            var peer = at.peers.get(key);
            if (peer != null && peer.suspected()) {
                dead = true;
                at.peers.silent(key, PATIENCE);
            }
        }
        probing.clear();
        if (dead && at.queueMb() > 0) {
            checks.soon(at.between(AGAIN_LEAST, AGAIN_MOST));
        }
    }

    private void count(Round full) {
        close();
        if (full.major) {
            countSizes(full);
        } else {
            countConnections(full);
        }
    }

    private void countSizes(Round full) {
        double own = at.queueMb();
        if (own == 0) {
            out.announce(Texts.WON_EMPTY);
            decided(null, "our queue is empty");
            return;
        }
        for (var answer : full.answers.entrySet()) {
            double size = answer.getValue();
            if (size > 0 && size < own) {
                decided(answer.getKey(), Texts.format("%.1f MB against our %.1f", size, own));
                return;
            }
            // The original never backs off; of two of ours the smaller nick stands.
            if (size == own
                    && full.rivals.contains(answer.getKey())
                    && rivalStands(answer.getKey())) {
                decided(answer.getKey(), Texts.format("both asked with %.1f MB", own));
                return;
            }
        }
        win(Texts.won(own), Texts.format("smallest queue, %.1f MB", own));
    }

    private void countConnections(Round full) {
        for (var answer : full.answers.entrySet()) {
            if (answer.getValue() > 0) {
                decided(answer.getKey(), "it has connections");
                return;
            }
        }
        for (String rival : full.rivals) {
            if (rivalStands(rival)) {
                decided(rival, "it asked at the same time");
                return;
            }
        }
        if (at.queueMb() > 0) {
            win(Texts.autoResumed(at.queueMb()), "nobody has a connection");
        }
    }

    private boolean rivalStands(String key) {
        var peer = at.peers.get(key);
        return peer != null && (!peer.modern() || key.compareTo(at.peers.fold(at.nick)) < 0);
    }

    private void win(String text, String why) {
        if (!at.mayCall()) {
            return;
        }
        note(at.nick, why);
        handover.take(text, at.nick + " won: " + why + ".");
    }

    private void decided(@Nullable String winner, String why) {
        at.decided((winner == null ? "Nobody won" : "Not ours: " + winner) + ", " + why + ".");
        note(winner, why);
    }

    private void note(@Nullable String winner, String why) {
        out.note(new Happening.ElectionEnded("generation 1", winner, why));
    }

    void taken() {
        close();
    }

    private void close() {
        if (round != null) {
            round = null;
            out.cancel(Timer.LEGACY_ELECTION);
        }
    }

    /// A leaver is neither waited for nor counted.
    void gone(String nick) {
        if (round != null) {
            String key = at.peers.fold(nick);
            round.awaited.remove(key);
            round.answers.remove(key);
            round.rivals.remove(key);
            countIfComplete();
        }
    }

    void renamed(String from, String to) {
        if (round == null) {
            return;
        }
        String oldKey = at.peers.fold(from);
        String newKey = at.peers.fold(to);
        if (round.awaited.remove(oldKey)) {
            round.awaited.add(newKey);
        }
        if (round.rivals.remove(oldKey)) {
            round.rivals.add(newKey);
        }
        Double answer = round.answers.remove(oldKey);
        if (answer != null) {
            round.answers.put(newKey, answer);
        }
    }
}
