package org.svcshare.ircd;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.svcshare.config.IrcdSettings;

/// The IRC server without its sockets: takes what connections do, returns what to send them.
///
/// Not thread-safe; one event loop owns it. Knows no clock: every call brings the time, and [#tick]
/// has to come about once a second.
final class IrcServer {
    /// Longer between two ticks means that the process or its machine stood still, or that the
    /// clock was set: nobody is to be timed out for that.
    private static final Duration STOOD_STILL = Duration.ofSeconds(30);

    /// What browsers send: pages that talk to a server on this machine behind the user's back.
    private static final Set<String> HTTP_VERBS =
            Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE");

    private final IrcdSettings settings;
    private final World world = new World();
    private final Outbox out;
    private final Departures departures;
    private final Map<String, Command> commands = new HashMap<>();
    private Instant tickedAt;

    IrcServer(IrcdSettings settings, IrcdListener listener, Instant now) {
        this.settings = settings;
        this.tickedAt = now;
        Site site = Site.of(settings, now);
        out = new Outbox(site.name(), now);
        var presence = new Presence(world, out);
        departures = new Departures(world, out, presence, listener);
        var replies = new ServerReplies(site, world, out);
        var registration =
                new Registration(site, world, out, departures, replies, presence, listener);
        var channelReplies = new ChannelReplies(world, out, listener);
        Stream.of(
                        registration.commands(),
                        new Capabilities(site, out, registration::proceed).commands(),
                        new Sasl(site, out, departures, presence).commands(),
                        presence.commands(),
                        replies.commands(),
                        channelReplies.commands(),
                        new Channels(world, out, channelReplies, listener).commands(),
                        new ChannelModes(world, out, new UserModes(world, out)).commands(),
                        new Talk(world, out, listener).commands(),
                        new Who(site, world, out).commands())
                .flatMap(List::stream)
                .forEach(command -> commands.put(command.verb(), command));
    }

    /// @param host the peer's address in numbers
    /// @param secure whether it came by TLS
    List<Effect> connected(long id, String host, boolean secure, Instant now) {
        out.at(now);
        var client = new Client(id, host, secure, now);
        if (world.clients().size() >= settings.maxClients()) {
            out.close(client, "Too many connections");
        } else {
            world.add(client);
        }
        return out.take();
    }

    /// Something came from the connection, whatever it was.
    void heard(long id, Instant now) {
        Client client = world.client(id);
        if (client != null) {
            client.heardAt = now;
            client.pingedAt = null;
        }
    }

    /// One line, without its end.
    List<Effect> received(long id, String raw, Instant now) {
        out.at(now);
        Client client = world.client(id);
        if (client != null) {
            heard(id, now);
            IrcLine.parse(raw).ifPresent(line -> carryOut(client, line));
        }
        return out.take();
    }

    /// A line that was longer than the protocol allows; it was dropped.
    List<Effect> receivedTooLong(long id, Instant now) {
        out.at(now);
        Client client = world.client(id);
        if (client != null) {
            heard(id, now);
            out.reply(client, Numeric.ERR_INPUTTOOLONG);
        }
        return out.take();
    }

    /// The connection ended.
    List<Effect> gone(long id, String why, Instant now) {
        out.at(now);
        Client client = world.client(id);
        if (client != null) {
            departures.forget(client, why);
        }
        return out.take();
    }

    /// The server ends the connection.
    List<Effect> dismiss(long id, String why, Instant now) {
        out.at(now);
        Client client = world.client(id);
        if (client != null) {
            departures.dismiss(client, why);
        }
        return out.take();
    }

    /// Looks who has been silent for too long.
    List<Effect> tick(Instant now) {
        out.at(now);
        Duration since = Duration.between(tickedAt, now);
        tickedAt = now;
        if (since.isNegative() || since.compareTo(STOOD_STILL) > 0) {
            for (Client client : world.clients()) {
                client.heardAt = now;
                client.pingedAt = null;
            }
            return out.take();
        }
        for (Client client : List.copyOf(world.clients())) {
            check(client, now);
        }
        return out.take();
    }

    /// Says goodbye to everybody.
    List<Effect> shutdown(Instant now) {
        out.at(now);
        for (Client client : List.copyOf(world.clients())) {
            departures.dismiss(client, "Server shutting down");
        }
        return out.take();
    }

    int clients() {
        return world.clients().size();
    }

    private void carryOut(Client client, IrcLine line) {
        Command command = commands.get(line.verb());
        String label = line.tags().getOrDefault("label", "");
        boolean labelled =
                client.has(Capability.LABELED_RESPONSE)
                        && !label.isEmpty()
                        && label.length() <= Limits.LABEL;
        if (labelled) {
            out.label(client, label);
        }
        if (!client.registered && HTTP_VERBS.contains(line.verb())) {
            departures.dismiss(client, "This is an IRC server");
        } else if (!client.registered && (command == null || !command.early())) {
            out.reply(client, Numeric.ERR_NOTREGISTERED);
        } else if (command == null) {
            out.reply(
                    client, Numeric.ERR_UNKNOWNCOMMAND, Wire.cut(line.verb(), Limits.CHANNEL_NAME));
        } else if (line.params().size() < command.least()
                || (command.least() > 0 && line.param(0).isEmpty())) {
            out.reply(client, Numeric.ERR_NEEDMOREPARAMS, command.verb());
        } else {
            command.handler().run(client, line);
        }
        out.endLabel();
    }

    private void check(Client client, Instant now) {
        if (!client.registered) {
            if (!now.isBefore(client.connectedAt.plus(settings.registerTimeout()))) {
                departures.dismiss(client, "Registration timed out");
            }
            return;
        }
        Instant pingedAt = client.pingedAt;
        if (pingedAt != null && !now.isBefore(pingedAt.plus(settings.pingTimeout()))) {
            long seconds = Duration.between(client.heardAt, now).toSeconds();
            departures.dismiss(client, "Ping timeout: " + seconds + " seconds");
        } else if (pingedAt == null && !now.isBefore(client.heardAt.plus(settings.pingEvery()))) {
            client.pingedAt = now;
            out.ping(client);
        }
    }
}
