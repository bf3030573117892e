package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who is in the channel, and which of them are bots. Names are compared by the casemapping.
final class Peers {
    /// More bots than this in one channel are not looked at.
    static final int MOST = 200;

    /// Names of bots that left and may come back, after a netsplit for instance.
    private static final int MOST_GONE = 400;

    private final Map<String, String> members = new LinkedHashMap<>();
    private final Map<String, Peer> peers = new LinkedHashMap<>();
    private final Map<String, Boolean> gone = new LinkedHashMap<>();
    private final Allowance strangers = new Allowance();
    private Casemapping casemapping = Casemapping.RFC1459;

    /// One bot.
    static final class Peer {
        private String nick;
        private PeerMessage.@Nullable Hello hello;
        private int silent;
        private boolean suspect;
        private final Allowance allowance = new Allowance();

        private Peer(String nick) {
            this.nick = nick;
        }

        String nick() {
            return nick;
        }

        /// Generation 2, because it said so.
        boolean modern() {
            return hello != null;
        }

        String owner() {
            return hello == null ? "" : hello.owner();
        }

        String version() {
            return hello == null ? "0.3" : hello.version();
        }

        void heard() {
            silent = 0;
            suspect = false;
        }

        /// It must show that it lives.
        void suspect() {
            suspect = true;
        }

        /// It has not been heard since.
        boolean suspected() {
            return suspect;
        }
    }

    /// Answers that one sender may cause: eight at once, one more a second.
    static final class Allowance {
        private static final int BURST = 8;
        private static final Duration REFILL = Duration.ofSeconds(1);
        private Instant fullAt = Instant.MIN;

        boolean take(Instant now) {
            Instant from = fullAt.isAfter(now) ? fullAt : now;
            if (Duration.between(now, from).compareTo(REFILL.multipliedBy(BURST - 1)) > 0) {
                return false;
            }
            fullAt = from.plus(REFILL);
            return true;
        }
    }

    /// Forgets everybody: the bot has (re)joined.
    void reset(Casemapping mapping, Collection<String> nicks) {
        members.clear();
        peers.clear();
        gone.clear();
        casemapping = mapping;
        nicks.forEach(this::memberJoined);
    }

    void memberJoined(String nick) {
        members.put(fold(nick), nick);
    }

    /// True if a bot left with this name before and its return should be greeted.
    boolean returns(String nick) {
        return gone.containsKey(fold(nick));
    }

    /// @return the peer that this was, if it was one
    @Nullable Peer memberLeft(String nick) {
        String key = fold(nick);
        members.remove(key);
        Peer peer = peers.remove(key);
        if (peer != null) {
            gone.put(key, peer.modern());
            if (gone.size() > MOST_GONE) {
                gone.remove(gone.keySet().iterator().next());
            }
        }
        return peer;
    }

    void renamed(String from, String to) {
        if (members.remove(fold(from)) != null) {
            memberJoined(to);
        }
        Peer peer = peers.remove(fold(from));
        if (peer != null) {
            peer.nick = to;
            peers.put(fold(to), peer);
        }
    }

    boolean isMember(String nick) {
        return members.containsKey(fold(nick));
    }

    /// Makes a member a peer; null when it is not in the channel or there are too many.
    @Nullable Peer meet(String nick) {
        Peer known = get(nick);
        if (known != null) {
            known.heard();
            return known;
        }
        if (!isMember(nick) || peers.size() >= MOST) {
            return null;
        }
        var peer = new Peer(nick);
        peers.put(fold(nick), peer);
        gone.remove(fold(nick));
        return peer;
    }

    /// @return whether a process began that we did not know: the peer is new or was restarted
    boolean greeted(String nick, PeerMessage.Hello hello) {
        Peer peer = meet(nick);
        if (peer == null) {
            return false;
        }
        boolean news = peer.hello == null || !peer.hello.bootId().equals(hello.bootId());
        peer.hello = hello;
        return news;
    }

    @Nullable Peer get(String nick) {
        return peers.get(fold(nick));
    }

    /// Counts a silence, and forgets the peer when it has been silent `most` times running.
    void silent(String nick, int most) {
        Peer peer = get(nick);
        if (peer != null && ++peer.silent >= most) {
            peers.remove(fold(nick));
        }
    }

    boolean mayCauseAnswer(String nick, Instant now) {
        Peer peer = get(nick);
        return (peer == null ? strangers : peer.allowance).take(now);
    }

    Collection<Peer> all() {
        return List.copyOf(peers.values());
    }

    boolean noMembers() {
        return members.isEmpty();
    }

    boolean isEmpty() {
        return peers.isEmpty();
    }

    /// Whether a peer of generation 1 is here, so that its rules are the group's.
    boolean legacy() {
        return peers.values().stream().anyMatch(peer -> !peer.modern());
    }

    boolean anyModern() {
        return peers.values().stream().anyMatch(Peer::modern);
    }

    String fold(String nick) {
        return casemapping.fold(nick);
    }

    boolean same(String one, String other) {
        return casemapping.same(one, other);
    }
}
