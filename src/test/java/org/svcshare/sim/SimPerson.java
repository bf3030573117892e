package org.svcshare.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;

/// Somebody with an IRC client: types, forges, and remembers what was said.
final class SimPerson implements SimChannel.Listener {
    private static final int KEPT = 2000;

    private final String nick;
    private final boolean member;
    private final SimChannel.Seat seat;
    private final List<String> heard = new ArrayList<>();
    private final List<Runnable> unsaid = new ArrayList<>();
    private boolean ready;
    private boolean forged;

    SimPerson(Sim sim, String nick, boolean member) {
        this.nick = nick;
        this.member = member;
        this.seat = sim.channel().connect(this, nick);
    }

    String nick() {
        return nick;
    }

    SimChannel.Seat seat() {
        return seat;
    }

    /// Lines as `nick text` in the channel, `nick > text` in private; texts only.
    List<String> heard() {
        return heard;
    }

    void say(String text) {
        send(null, new SimChannel.Words(text));
    }

    void ask(String bot, Command command) {
        send(null, new SimChannel.Ask(bot, command));
    }

    void askPrivately(String bot, Command command) {
        send(bot, new SimChannel.Ask(bot, command));
    }

    void forge(String to, PeerMessage message) {
        forged = true;
        send(to.isEmpty() ? null : to, new SimChannel.Peer(message));
    }

    /// Whether it has forged messages and is still there.
    boolean forges() {
        return forged && seat.inChannel();
    }

    /// What is said before the connection stands is said when it does.
    private void send(@Nullable String to, SimChannel.Body body) {
        if (ready) {
            seat.send(to, body);
        } else {
            unsaid.add(() -> seat.send(to, body));
        }
    }

    private void nowReady() {
        ready = true;
        unsaid.forEach(Runnable::run);
        unsaid.clear();
    }

    @Override
    public void welcomed(SimChannel.Seat at) {
        if (member) {
            at.join();
        } else {
            nowReady();
        }
    }

    @Override
    public void heard(SimChannel.Seat at, String from, boolean direct, SimChannel.Body body) {
        if (body instanceof SimChannel.Words(String text) && heard.size() < KEPT) {
            heard.add(from + (direct ? " > " : " ") + text);
        }
    }

    @Override
    public void nickTaken(SimChannel.Seat at, String taken) {}

    @Override
    public void joined(SimChannel.Seat at, Set<String> members) {
        nowReady();
    }

    @Override
    public void memberJoined(SimChannel.Seat at, String who) {}

    @Override
    public void memberLeft(SimChannel.Seat at, String who, boolean kicked) {}

    @Override
    public void kicked(SimChannel.Seat at) {}

    @Override
    public void renamed(SimChannel.Seat at, String from, String to) {}

    @Override
    public void disconnected(SimChannel.Seat at) {}
}
