package org.svcshare.ircd;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.svcshare.config.Secret;

/// How a connection becomes a person: PASS, NICK, USER; and how it stays and goes: PING, PONG,
/// QUIT.
final class Registration {
    private static final DateTimeFormatter CREATED =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);

    private final Site site;
    private final World world;
    private final Outbox out;
    private final Departures departures;
    private final ServerReplies replies;
    private final Presence presence;
    private final IrcdListener listener;

    Registration(
            Site site,
            World world,
            Outbox out,
            Departures departures,
            ServerReplies replies,
            Presence presence,
            IrcdListener listener) {
        this.site = site;
        this.world = world;
        this.out = out;
        this.departures = departures;
        this.replies = replies;
        this.presence = presence;
        this.listener = listener;
    }

    List<Command> commands() {
        return List.of(
                Command.early("PASS", 1, this::pass),
                Command.early("NICK", 0, this::nick),
                Command.early("USER", 4, this::user),
                Command.of("SETNAME", 1, this::setName),
                Command.early("PING", 0, this::ping),
                Command.early("PONG", 0, (_, _) -> {}),
                Command.early("QUIT", 0, this::quit),
                // A server's verb; some clients send it when they give up.
                Command.early("ERROR", 0, (_, _) -> {}));
    }

    /// Registers the client when nothing is missing any more.
    void proceed(Client client) {
        if (client.registered
                || client.negotiating
                || client.nick.isEmpty()
                || client.user.isEmpty()) {
            return;
        }
        Optional<Secret> wanted = site.password();
        if (wanted.isPresent() && !Passwords.same(client.password, wanted.get())) {
            out.reply(client, Numeric.ERR_PASSWDMISMATCH);
            departures.dismiss(client, "Bad password");
            return;
        }
        client.password = "";
        client.registered = true;
        client.spokeAt = out.now();
        welcome(client);
        presence.cameOnline(client);
    }

    private void welcome(Client client) {
        out.replySaying(
                client,
                Numeric.RPL_WELCOME,
                "Welcome to the " + site.network() + " network, " + client.source());
        out.replySaying(
                client,
                Numeric.RPL_YOURHOST,
                "Your host is " + site.name() + ", running version " + Site.VERSION);
        out.replySaying(
                client,
                Numeric.RPL_CREATED,
                "This server was started " + CREATED.format(site.startedAt()));
        out.reply(
                client,
                Numeric.RPL_MYINFO,
                site.name(),
                Site.VERSION,
                UserModes.LETTERS,
                ChannelModes.LETTERS,
                ChannelModes.LETTERS_WITH_PARAM);
        replies.isupport(client);
        replies.lusers(client);
        replies.motd(client);
    }

    private void pass(Client client, IrcLine line) {
        if (client.registered) {
            out.reply(client, Numeric.ERR_ALREADYREGISTERED);
        } else {
            client.password = line.param(0);
        }
    }

    private void nick(Client client, IrcLine line) {
        String wished = line.param(0);
        if (wished.isEmpty()) {
            out.reply(client, Numeric.ERR_NONICKNAMEGIVEN);
            return;
        }
        if (!Names.isNick(wished)) {
            out.reply(client, Numeric.ERR_ERRONEUSNICKNAME, Wire.cut(wished, Limits.NICK));
            return;
        }
        Client holder = world.holder(wished);
        if (holder != null && holder != client) {
            out.reply(client, Numeric.ERR_NICKNAMEINUSE, wished);
            return;
        }
        if (!client.registered) {
            world.rename(client, wished, out.now());
            proceed(client);
        } else if (!client.nick.equals(wished)) {
            rename(client, wished);
        }
    }

    private void rename(Client client, String wished) {
        String before = client.nick;
        var message = Message.by(client, "NICK", wished);
        out.send(client, message);
        out.send(world.peers(client), message);
        boolean onlySpelling = world.casemapping.same(before, wished);
        if (!onlySpelling) {
            presence.wentOffline(client);
        }
        world.rename(client, wished, out.now());
        if (!onlySpelling) {
            presence.cameOnline(client);
        }
        listener.renamed(before, wished);
    }

    private void user(Client client, IrcLine line) {
        if (client.registered) {
            out.reply(client, Numeric.ERR_ALREADYREGISTERED);
            return;
        }
        client.user = Names.user(line.param(0));
        client.realName = Wire.cut(line.param(3), Limits.REAL_NAME);
        proceed(client);
    }

    private void setName(Client client, IrcLine line) {
        client.realName = Wire.cut(line.param(0), Limits.REAL_NAME);
        var message = Message.saying(client, "SETNAME", client.realName);
        out.send(client, message);
        out.send(world.peers(client), peer -> peer.has(Capability.SETNAME), message);
    }

    private void ping(Client client, IrcLine line) {
        if (!line.has(0)) {
            out.reply(client, Numeric.ERR_NOORIGIN);
            return;
        }
        out.command(client, "PONG", List.of(site.name()), line.param(0));
    }

    private void quit(Client client, IrcLine line) {
        departures.dismiss(client, line.has(0) ? "Quit: " + line.param(0) : "Quit");
    }
}
