package org.svcshare.ircd;

import java.util.ArrayList;
import java.util.List;

/// Who is here and who is away: MONITOR, ISON, USERHOST, AWAY, and what others are told of
/// accounts.
///
/// Source: IRCv3 monitor, away-notify, account-notify; RFC 2812 section 4.
final class Presence {
    private static final int USERHOST_NICKS = 5;

    private final World world;
    private final Outbox out;

    Presence(World world, Outbox out) {
        this.world = world;
        this.out = out;
    }

    List<Command> commands() {
        return List.of(
                Command.of("AWAY", 0, this::away),
                Command.of("ISON", 1, this::ison),
                Command.of("USERHOST", 1, this::userhost),
                Command.of("MONITOR", 1, this::monitor));
    }

    void cameOnline(Client client) {
        for (Client watcher : world.watchers(client.nick)) {
            out.replySaying(watcher, Numeric.RPL_MONONLINE, client.source());
        }
    }

    void wentOffline(Client client) {
        for (Client watcher : world.watchers(client.nick)) {
            out.replySaying(watcher, Numeric.RPL_MONOFFLINE, client.nick);
        }
    }

    void accountChanged(Client client) {
        if (client.registered) {
            String account = client.account;
            var message = Message.by(client, "ACCOUNT", account == null ? "*" : account);
            out.send(world.peers(client), peer -> peer.has(Capability.ACCOUNT_NOTIFY), message);
            if (client.has(Capability.ACCOUNT_NOTIFY)) {
                out.send(client, message);
            }
        }
    }

    private void away(Client client, IrcLine line) {
        String text = Wire.cut(line.param(0), Limits.AWAY);
        client.away = text.isEmpty() ? null : text;
        out.reply(client, text.isEmpty() ? Numeric.RPL_UNAWAY : Numeric.RPL_NOWAWAY);
        var message =
                text.isEmpty() ? Message.by(client, "AWAY") : Message.saying(client, "AWAY", text);
        out.send(world.peers(client), peer -> peer.has(Capability.AWAY_NOTIFY), message);
    }

    private void ison(Client client, IrcLine line) {
        var online = new ArrayList<String>();
        for (String nick : String.join(" ", line.params()).split(" ", -1)) {
            Client person = world.person(nick);
            if (person != null) {
                online.add(person.nick);
            }
        }
        if (online.isEmpty()) {
            out.replySaying(client, Numeric.RPL_ISON, "");
        } else {
            out.replyListing(client, Numeric.RPL_ISON, online, ' ');
        }
    }

    private void userhost(Client client, IrcLine line) {
        var found = new ArrayList<String>();
        for (String nick : line.params().stream().limit(USERHOST_NICKS).toList()) {
            Client person = world.person(nick);
            if (person != null) {
                String sign = person.away == null ? "+" : "-";
                found.add(person.nick + "=" + sign + person.user + "@" + person.host);
            }
        }
        out.replySaying(client, Numeric.RPL_USERHOST, String.join(" ", found));
    }

    private void monitor(Client client, IrcLine line) {
        switch (line.param(0)) {
            case "+" -> watch(client, line.list(1));
            case "-" -> unwatch(client, line.list(1));
            case "C", "c" -> unwatch(client, List.copyOf(client.monitored.keySet()));
            case "L", "l" -> {
                out.replyListing(client, Numeric.RPL_MONLIST, client.monitored.values(), ',');
                out.reply(client, Numeric.RPL_ENDOFMONLIST);
            }
            case "S", "s" -> tell(client, List.copyOf(client.monitored.values()));
            default -> {
                // The specification has no answer for anything else.
            }
        }
    }

    private void watch(Client client, List<String> nicks) {
        var added = new ArrayList<String>();
        for (int i = 0; i < nicks.size(); i++) {
            String nick = nicks.get(i);
            String folded = world.casemapping.fold(nick);
            if (!Names.isNick(nick) || client.monitored.containsKey(folded)) {
                continue;
            }
            if (client.monitored.size() >= Limits.MONITORED) {
                String left = String.join(",", nicks.subList(i, nicks.size()));
                out.reply(
                        client,
                        Numeric.ERR_MONLISTFULL,
                        Integer.toString(Limits.MONITORED),
                        Wire.cut(left, Limits.TOPIC));
                break;
            }
            world.watch(client, folded, nick);
            added.add(nick);
        }
        tell(client, added);
    }

    private void unwatch(Client client, List<String> nicks) {
        for (String nick : nicks) {
            String folded = world.casemapping.fold(nick);
            if (client.monitored.remove(folded) != null) {
                world.unwatch(client, folded);
            }
        }
    }

    private void tell(Client client, List<String> nicks) {
        var online = new ArrayList<String>();
        var offline = new ArrayList<String>();
        for (String nick : nicks) {
            Client person = world.person(nick);
            if (person == null) {
                offline.add(nick);
            } else {
                online.add(person.source());
            }
        }
        out.replyListing(client, Numeric.RPL_MONONLINE, online, ',');
        out.replyListing(client, Numeric.RPL_MONOFFLINE, offline, ',');
    }
}
