package org.svcshare.sim;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;

/// One channel of an IRC network of one or two servers.
///
/// What one sender sends to one receiver arrives in order, as on IRC (a connection, perhaps a link
/// between servers, a connection); a server does not echo to the sender. A split makes both halves
/// see the other's members quit, and loses what was on the link; a heal makes them join again
/// without their own doing. With [#lossy] it is like datagrams instead: messages, though not joins
/// and leaves, are lost, doubled and overtaken.
final class SimChannel {
    static final String NAME = "#usenet";

    /// What a line carries.
    sealed interface Body {}

    /// Text as it stands in a PRIVMSG, CTCP included.
    record Words(String text) implements Body {}

    record Peer(PeerMessage message) implements Body {}

    /// A command, already parsed; `nick` is the bot it is for.
    record Ask(String nick, Command command) implements Body {}

    /// What the owner of a connection gets to know, each time with the connection concerned.
    interface Listener {
        void welcomed(Seat seat);

        void nickTaken(Seat seat, String nick);

        /// @param members everybody there, without this one
        void joined(Seat seat, Set<String> members);

        void memberJoined(Seat seat, String nick);

        void memberLeft(Seat seat, String nick, boolean kicked);

        void kicked(Seat seat);

        /// Somebody's change of nick, the own included.
        void renamed(Seat seat, String from, String to);

        void heard(Seat seat, String from, boolean direct, Body body);

        void disconnected(Seat seat);
    }

    private final Sim sim;
    private final List<Seat> seats = new ArrayList<>();
    private final List<Server> servers = List.of(new Server(0), new Server(1));
    private boolean twoServers;
    private boolean split;
    private int epoch;

    private long minDelay = 5 * Sim.MILLI;
    private long maxDelay = 50 * Sim.MILLI;
    private double loss;
    private double doubled;
    private long overtaking;

    SimChannel(Sim sim) {
        this.sim = sim;
    }

    private final class Server {
        private final int index;
        private final Map<String, Seat> users = new HashMap<>();
        private final Map<String, Seat> members = new LinkedHashMap<>();
        private long lastLink;

        private Server(int index) {
            this.index = index;
        }

        private Server other() {
            return servers.get(1 - index);
        }

        /// Does the same on the other server when the link has carried it there.
        private void relay(Runnable work) {
            if (!twoServers || split) {
                return;
            }
            lastLink = Math.max(lastLink, sim.nanos() + delay());
            int sent = epoch;
            sim.at(
                    lastLink,
                    () -> {
                        if (epoch == sent) {
                            work.run();
                        }
                    });
        }

        private void tellLocals(@Nullable Seat but, String nick, Telling telling) {
            for (Seat seat : members.values()) {
                if (seat != but && seat.server == this) {
                    telling.tell(seat, nick);
                }
            }
        }

        private void joins(Seat seat) {
            users.put(seat.nick, seat);
            members.put(seat.nick, seat);
            tellLocals(seat, seat.nick, SimChannel.this::tellJoined);
        }

        private void leaves(Seat seat, String nick, boolean quits, boolean kicked) {
            if (quits) {
                users.remove(nick, seat);
            }
            if (members.remove(nick, seat)) {
                tellLocals(seat, nick, (to, left) -> tellLeft(to, left, kicked));
            }
        }

        private void renames(Seat seat, String from, String to) {
            users.remove(from, seat);
            users.put(to, seat);
            if (members.remove(from, seat)) {
                members.put(to, seat);
                tellLocals(seat, from, (told, old) -> tellRenamed(told, old, to));
            }
        }

        private void carries(Seat from, String nick, Body body) {
            if (!members.containsKey(nick)) {
                return;
            }
            for (Seat seat : members.values()) {
                if (seat != from && seat.server == this) {
                    tellHeard(seat, nick, false, body);
                }
            }
        }
    }

    private interface Telling {
        void tell(Seat to, String nick);
    }

    /// One connection; a bot that reconnects gets a new one.
    final class Seat {
        private final Listener listener;
        private final Set<String> told = new LinkedHashSet<>();
        private Server server;
        private String nick;
        private boolean online;
        private boolean inChannel;
        private boolean hungUp;
        private long lastUp;
        private long lastDown;

        private Seat(Listener listener, String nick, Server server) {
            this.listener = listener;
            this.nick = nick;
            this.server = server;
        }

        /// As the server knows it.
        String nick() {
            return nick;
        }

        boolean inChannel() {
            return inChannel;
        }

        void join() {
            up(0, this::nowJoins);
        }

        void part() {
            up(0, () -> nowLeaves(false, false));
        }

        /// Hangs up; the server notices after its delay and `extraNanos`.
        void quit(long extraNanos) {
            hungUp = true;
            up(extraNanos, () -> nowLeaves(true, false));
        }

        void send(@Nullable String to, Body body) {
            up(0, () -> nowSends(to, body));
        }

        void rename(String wanted) {
            sim.at(nextUp(0), () -> nowRenames(wanted));
        }

        private long nextUp(long extraNanos) {
            lastUp = Math.max(lastUp, sim.nanos() + delay() + extraNanos);
            return lastUp;
        }

        private void up(long extraNanos, Runnable work) {
            sim.at(
                    nextUp(extraNanos),
                    () -> {
                        if (online) {
                            work.run();
                        }
                    });
        }

        private void nowConnects(String wanted) {
            if (hungUp) {
                return;
            }
            if (taken(wanted)) {
                down(() -> listener.nickTaken(this, wanted));
                return;
            }
            nick = wanted;
            online = true;
            seats.add(this);
            server.users.put(nick, this);
            server.relay(() -> server.other().users.put(nick, this));
            down(() -> listener.welcomed(this));
        }

        private void nowJoins() {
            if (inChannel) {
                return;
            }
            inChannel = true;
            told.clear();
            told.addAll(server.members.keySet());
            Set<String> members = new LinkedHashSet<>(told);
            down(() -> listener.joined(this, members));
            server.joins(this);
            server.relay(() -> server.other().joins(this));
        }

        private void nowLeaves(boolean quits, boolean kicked) {
            if (quits) {
                online = false;
                seats.remove(this);
            }
            inChannel = false;
            String left = nick;
            server.leaves(this, left, quits, kicked);
            server.relay(() -> server.other().leaves(this, left, quits, kicked));
        }

        private void nowRenames(String wanted) {
            if (!online) {
                nowConnects(wanted);
                return;
            }
            if (wanted.equals(nick)) {
                return;
            }
            if (taken(wanted)) {
                down(() -> listener.nickTaken(this, wanted));
                return;
            }
            String from = nick;
            nick = wanted;
            server.renames(this, from, wanted);
            down(() -> listener.renamed(this, from, wanted));
            server.relay(() -> server.other().renames(this, from, wanted));
        }

        private void nowSends(@Nullable String to, Body body) {
            String from = nick;
            if (to == null) {
                // Mode +n: only members are heard in the channel.
                if (inChannel) {
                    server.carries(this, from, body);
                    server.relay(() -> server.other().carries(this, from, body));
                }
                return;
            }
            Seat target = server.users.get(to);
            if (target == null) {
                return;
            }
            if (target.server == server) {
                tellHeard(target, from, true, body);
            } else {
                server.relay(() -> tellHeard(target, from, true, body));
            }
        }

        private void down(Runnable work) {
            lastDown = Math.max(lastDown, sim.nanos() + delay());
            deliver(lastDown, work);
        }

        private void deliver(long when, Runnable work) {
            sim.at(
                    when,
                    () -> {
                        if (!hungUp) {
                            work.run();
                        }
                    });
        }
    }

    /// Registers; answered by welcomed or nickTaken.
    Seat connect(Listener listener, String nick) {
        var seat =
                new Seat(
                        listener,
                        nick,
                        servers.get(twoServers && !split && sim.random().nextBoolean() ? 1 : 0));
        seat.rename(nick);
        return seat;
    }

    // The weather.

    void delays(long minNanos, long maxNanos) {
        minDelay = minNanos;
        maxDelay = maxNanos;
    }

    /// From now on bots may sit on either of two servers.
    void useTwoServers() {
        twoServers = true;
    }

    /// Like datagrams.
    ///
    /// @param overtakingNanos up to how much later than its turn a message arrives
    void lossy(double lost, double twice, long overtakingNanos) {
        loss = lost;
        doubled = twice;
        overtaking = overtakingNanos;
        sim.invariants().troubled();
    }

    /// The longest that any line takes from sender to receiver.
    long slowest() {
        return 3 * maxDelay + overtaking;
    }

    boolean troubled() {
        return split || loss > 0;
    }

    void split(Collection<String> side) {
        twoServers = true;
        split = true;
        for (Seat seat : seats) {
            seat.server = servers.get(side.contains(seat.nick) ? 1 : 0);
        }
        settle();
    }

    void heal() {
        if (split) {
            split = false;
            settle();
        }
    }

    /// What was on the link is gone; everybody is told what changed for their side.
    private void settle() {
        epoch++;
        sim.invariants().troubled();
        for (Server server : servers) {
            server.users.clear();
            server.members.clear();
            for (Seat seat : seats) {
                if (seat.server == server || !split) {
                    server.users.put(seat.nick, seat);
                    if (seat.inChannel) {
                        server.members.put(seat.nick, seat);
                    }
                }
            }
        }
        for (Seat seat : seats) {
            if (!seat.inChannel) {
                continue;
            }
            for (String gone : List.copyOf(seat.told)) {
                if (!seat.server.members.containsKey(gone)) {
                    tellLeft(seat, gone, false);
                }
            }
            for (Seat member : seat.server.members.values()) {
                if (member != seat && !seat.told.contains(member.nick)) {
                    tellJoined(seat, member.nick);
                }
            }
        }
    }

    void kick(String nick) {
        Seat seat = seat(nick);
        if (seat != null && seat.inChannel) {
            seat.nowLeaves(false, true);
            seat.down(() -> seat.listener.kicked(seat));
        }
    }

    void disconnect(String nick) {
        Seat seat = seat(nick);
        if (seat != null) {
            seat.nowLeaves(true, false);
            seat.down(() -> seat.listener.disconnected(seat));
        }
    }

    void forceRename(String nick, String wanted) {
        Seat seat = seat(nick);
        if (seat != null) {
            seat.nowRenames(wanted);
        }
    }

    boolean taken(String nick) {
        return seat(nick) != null;
    }

    private @Nullable Seat seat(String nick) {
        for (Seat seat : seats) {
            if (seat.nick.equals(nick)) {
                return seat;
            }
        }
        return null;
    }

    long delay() {
        return sim.between(minDelay, maxDelay);
    }

    private void tellJoined(Seat to, String nick) {
        to.told.add(nick);
        to.down(() -> to.listener.memberJoined(to, nick));
    }

    private void tellLeft(Seat to, String nick, boolean kicked) {
        to.told.remove(nick);
        to.down(() -> to.listener.memberLeft(to, nick, kicked));
    }

    private void tellRenamed(Seat to, String from, String nick) {
        to.told.remove(from);
        to.told.add(nick);
        to.down(() -> to.listener.renamed(to, from, nick));
    }

    private void tellHeard(Seat to, String from, boolean direct, Body body) {
        if (loss == 0) {
            to.down(() -> to.listener.heard(to, from, direct, body));
            return;
        }
        if (sim.chance(loss)) {
            return;
        }
        int copies = sim.chance(doubled) ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            to.deliver(
                    sim.nanos() + delay() + sim.between(0, overtaking),
                    () -> to.listener.heard(to, from, direct, body));
        }
    }
}
