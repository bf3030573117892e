package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage.Ack;
import org.svcshare.turn.PeerMessage.Announce;
import org.svcshare.turn.PeerMessage.Hello;

/// How bots find each other: the announcements of both generations.
final class Greetings {
    private static final int GENERATION = 2;
    private static final Duration STRANGER_GAP = Duration.ofSeconds(10);

    private final Situation at;
    private final Outbox out;
    private final Handover handover;
    private @Nullable Instant lastStranger;

    Greetings(Situation at, Outbox out, Handover handover) {
        this.at = at;
        this.out = out;
        this.handover = handover;
    }

    /// Says that this bot is here: after every join.
    void announce() {
        out.broadcast(new Announce(""));
        out.broadcast(hello());
    }

    private Hello hello() {
        return new Hello(
                at.settings.owner(),
                at.settings.version(),
                GENERATION,
                at.bootId,
                at.settings.policy().word(),
                false);
    }

    /// Every announcement is acknowledged privately with its argument. One that came privately is
    /// from a bot that missed our HELLO.
    void announced(String nick, boolean direct, Announce announce) {
        if (at.peers.meet(nick) == null || !at.peers.mayCauseAnswer(nick, at.now)) {
            return;
        }
        out.send(nick, new Ack(announce.argument()));
        if (direct) {
            out.send(nick, hello());
        }
    }

    void acknowledged(String nick) {
        at.peers.meet(nick);
    }

    /// @return whether a process began that this bot did not know
    boolean greeted(String nick, boolean direct, Hello hello) {
        boolean news = at.peers.greeted(nick, hello);
        boolean ranBefore =
                handover.holderNick().filter(holder -> at.peers.same(holder, nick)).isPresent();
        if (news && ranBefore && !at.holds) {
            handover.forgetHolder();
        }
        if (!direct && at.peers.get(nick) != null && at.peers.mayCauseAnswer(nick, at.now)) {
            out.send(nick, hello());
            handover.greet(nick);
        } else if (news) {
            // It answers us, whom it did not know either: as when two groups have become one.
            handover.greet(nick);
        }
        return news;
    }

    /// A bot that vanished in a netsplit is back, and does not know that we forgot each other.
    void returned(String nick) {
        out.send(nick, new Announce(""));
        out.send(nick, hello());
        handover.greetReturned(nick);
    }

    /// A member that we do not know speaks generation 2: its greeting was lost, or ours.
    void stranger(String nick) {
        if (lastStranger == null || !at.now.isBefore(lastStranger.plus(STRANGER_GAP))) {
            lastStranger = at.now;
            out.send(nick, new Announce(""));
            out.send(nick, hello());
        }
    }
}
