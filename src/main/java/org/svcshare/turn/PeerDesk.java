package org.svcshare.turn;

import java.time.Duration;
import org.svcshare.turn.PeerMessage.ConnUpdate;
import org.svcshare.turn.PeerMessage.VoteState;

/// What members of the channel do and say, and which part has to hear of it.
final class PeerDesk {
    /// After somebody's turn ended the others look at their queues, not all at once.
    private static final Duration FREED_LEAST = Duration.ofMillis(200);

    private static final Duration FREED_MOST = Duration.ofSeconds(2);

    /// A generation 1 asker that loses to us does not tell us; we look ourselves when its election
    /// must be over, the smaller queue before the larger.
    private static final Duration LOSER_LEAST = Duration.ofSeconds(22);

    private static final Duration LOSER_STEP = Duration.ofMillis(1200);
    private static final Duration LOSER_SPREAD = Duration.ofMillis(300);

    private final Situation at;
    private final Handover handover;
    private final Greetings greetings;
    private final Checks checks;
    private final Elections elections;
    private final LegacyElections legacyElections;

    PeerDesk(
            Situation at,
            Handover handover,
            Greetings greetings,
            Checks checks,
            Elections elections,
            LegacyElections legacyElections) {
        this.at = at;
        this.handover = handover;
        this.greetings = greetings;
        this.checks = checks;
        this.elections = elections;
        this.legacyElections = legacyElections;
    }

    void memberJoined(String nick) {
        boolean returns = at.peers.returns(nick);
        at.peers.memberJoined(nick);
        if (returns) {
            greetings.returned(nick);
        }
    }

    void memberLeft(String nick) {
        boolean had = handover.holderNick().filter(h -> at.peers.same(h, nick)).isPresent();
        at.companyUntil = at.now;
        if (at.peers.memberLeft(nick) == null) {
            return;
        }
        elections.gone(nick);
        legacyElections.gone(nick);
        if (had && !at.holds) {
            handover.released(nick);
            checks.soon(at.between(FREED_LEAST, FREED_MOST));
        } else {
            handover.released(nick);
        }
    }

    void renamed(String from, String to) {
        if (at.peers.same(from, at.nick)) {
            at.nick = to;
            elections.renamed(from, to);
            return;
        }
        at.peers.renamed(from, to);
        elections.renamed(from, to);
        legacyElections.renamed(from, to);
        handover.renamed(from, to);
    }

    void heard(TurnEvent.Heard heard) {
        String nick = heard.from();
        if (!at.inChannel || !at.peers.isMember(nick)) {
            return;
        }
        if (at.stopping) {
            answerOnly(nick, heard.message());
            return;
        }
        switch (heard.message()) {
            case PeerMessage.Announce announce ->
                    greetings.announced(nick, heard.direct(), announce);
            case PeerMessage.Ack _ -> greetings.acknowledged(nick);
            case PeerMessage.StartElection() -> {
                meet(nick);
                if (legacyElections.asked(nick)) {
                    checks.soon(loserDelay());
                }
            }
            case PeerMessage.QueueSize size -> {
                alive(nick);
                legacyElections.sized(nick, size);
            }
            case PeerMessage.ConnStat() -> {
                meet(nick);
                legacyElections.askedForConnections(nick);
            }
            case PeerMessage.ConnUpdate update -> connectionsTold(nick, heard.direct(), update);
            case PeerMessage.LegacyYield() -> legacyYield(nick);
            case PeerMessage.Hello hello -> greetings.greeted(nick, heard.direct(), hello);
            case PeerMessage.Call call -> {
                if (knows(nick)) {
                    elections.called(nick, call);
                } else {
                    handover.reassert();
                }
            }
            case PeerMessage.Vote vote -> {
                if (knows(nick)) {
                    elections.voted(nick, vote);
                }
                if (vote.state() == VoteState.RUNNING || vote.state() == VoteState.FORCED) {
                    handover.reassert();
                }
            }
            case PeerMessage.Result result -> {
                boolean known = knows(nick);
                // A correction counts from any member, as a claim does.
                if (known || result.election().isEmpty()) {
                    elections.resulted(nick, result);
                }
            }
            case PeerMessage.Yield yield -> {
                // Also from a bot whose greeting was lost: better to close once too often.
                var _ = knows(nick);
                if (handover.claimed(nick, yield)) {
                    serviceTaken();
                }
            }
            case PeerMessage.Released _ -> {
                if (knows(nick) && handover.released(nick)) {
                    checks.soon(at.between(FREED_LEAST, FREED_MOST));
                }
            }
            case PeerMessage.Bye _ -> memberSaysGoodbye(nick);
        }
    }

    private Duration loserDelay() {
        double doublings = Math.log1p(at.queueMb()) / Math.log(2);
        Duration bySize = Duration.ofMillis((long) (LOSER_STEP.toMillis() * doublings));
        Duration least = LOSER_LEAST.plus(bySize);
        return at.between(least, least.plus(LOSER_SPREAD));
    }

    /// Until the gate is closed others' elections still get their answers.
    private void answerOnly(String nick, PeerMessage message) {
        if (message instanceof PeerMessage.StartElection) {
            var _ = legacyElections.asked(nick);
        } else if (message instanceof PeerMessage.ConnStat) {
            legacyElections.askedForConnections(nick);
        }
    }

    private void alive(String nick) {
        var peer = at.peers.get(nick);
        if (peer != null) {
            peer.heard();
        }
    }

    /// Who speaks as old bots do is one, also when its announcement was lost.
    private void meet(String nick) {
        boolean unknown = at.peers.get(nick) == null;
        if (at.peers.meet(nick) != null && unknown) {
            handover.greetReturned(nick);
        }
    }

    /// Only peers that greeted take part in generation 2.
    private boolean knows(String nick) {
        var peer = at.peers.get(nick);
        if (peer == null || !peer.modern()) {
            greetings.stranger(nick);
            return false;
        }
        peer.heard();
        return true;
    }

    private void connectionsTold(String nick, boolean direct, ConnUpdate update) {
        meet(nick);
        boolean answer = legacyElections.counted(nick, update);
        if (update.connections() > 0) {
            handover.reassert();
        }
        if (!answer && !direct && update.connections() == 0 && at.queueMb() > 0) {
            checks.soon(at.between(at.settings.idleCheckMin(), at.settings.idleCheckMax()));
        }
    }

    private void legacyYield(String nick) {
        meet(nick);
        var peer = at.peers.get(nick);
        if (peer != null && peer.modern()) {
            // Its YIELD with the turn number comes right behind.
            return;
        }
        handover.yieldTo(nick);
        serviceTaken();
    }

    private void serviceTaken() {
        elections.taken();
        legacyElections.taken();
        checks.forgetSoon();
    }

    private void memberSaysGoodbye(String nick) {
        if (knows(nick)) {
            memberLeft(nick);
            at.peers.memberJoined(nick);
        }
    }
}
