package org.svcshare.ircd;

import java.util.List;

/// PRIVMSG, NOTICE and TAGMSG.
///
/// Sources: RFC 2812 section 3.3, IRCv3 message-tags and echo-message. A NOTICE is never answered,
/// not even with an error.
final class Talk {
    private enum Kind {
        PRIVMSG,
        NOTICE,
        TAGMSG
    }

    private final World world;
    private final Outbox out;
    private final IrcdListener listener;

    Talk(World world, Outbox out, IrcdListener listener) {
        this.world = world;
        this.out = out;
        this.listener = listener;
    }

    List<Command> commands() {
        return List.of(
                Command.of("PRIVMSG", 0, (client, line) -> say(client, line, Kind.PRIVMSG)),
                Command.of("NOTICE", 0, (client, line) -> say(client, line, Kind.NOTICE)),
                Command.of("TAGMSG", 0, (client, line) -> say(client, line, Kind.TAGMSG)));
    }

    private void say(Client client, IrcLine line, Kind kind) {
        List<String> targets = line.list(0);
        if (targets.isEmpty()) {
            String text = "No recipient given (" + kind + ")";
            if (kind != Kind.NOTICE) {
                out.replySaying(client, Numeric.ERR_NORECIPIENT, text);
            }
        } else if (kind != Kind.TAGMSG && line.param(1).isEmpty()) {
            refuse(client, kind, Numeric.ERR_NOTEXTTOSEND);
        } else if (kind != Kind.TAGMSG || !line.clientTags().isEmpty()) {
            client.spokeAt = out.now();
            for (String target : targets.stream().limit(Limits.TARGETS).toList()) {
                say(client, line, kind, target);
            }
            if (targets.size() > Limits.TARGETS) {
                refuse(client, kind, Numeric.ERR_TOOMANYTARGETS, targets.get(Limits.TARGETS));
            }
        }
    }

    private void say(Client client, IrcLine line, Kind kind, String target) {
        if (Names.isChannelTarget(target)) {
            Channel channel = world.channel(target);
            if (channel == null) {
                refuse(client, kind, Numeric.ERR_NOSUCHCHANNEL, cut(target));
            } else if (!channel.maySpeak(client) || isFilteredCtcp(channel, line, kind)) {
                refuse(client, kind, Numeric.ERR_CANNOTSENDTOCHAN, channel.name);
            } else {
                sayToChannel(client, line, kind, channel);
            }
        } else {
            Client person = world.person(target);
            if (person == null) {
                refuse(client, kind, Numeric.ERR_NOSUCHNICK, cut(target));
            } else {
                sayToPerson(client, line, kind, person);
            }
        }
    }

    private void sayToChannel(Client client, IrcLine line, Kind kind, Channel channel) {
        Message message = message(client, line, kind, channel.name);
        for (Client member : channel.clients()) {
            if (member != client && takes(member, kind)) {
                out.send(member, message);
            }
        }
        echo(client, kind, message);
        String name = Wire.toText(channel.name);
        switch (kind) {
            case PRIVMSG -> listener.said(name, client.nick, Wire.toText(line.param(1)));
            case NOTICE -> listener.noticed(name, client.nick, Wire.toText(line.param(1)));
            case TAGMSG -> {
                // Nothing that people read.
            }
        }
    }

    private void sayToPerson(Client client, IrcLine line, Kind kind, Client person) {
        Message message = message(client, line, kind, person.nick);
        if (takes(person, kind)) {
            out.sendUnlabelled(person, message);
        }
        echo(client, kind, message);
        String away = person.away;
        if (kind == Kind.PRIVMSG && away != null) {
            out.replySaying(client, Numeric.RPL_AWAY, away, person.nick);
        }
    }

    private void echo(Client client, Kind kind, Message message) {
        if (client.has(Capability.ECHO_MESSAGE) && takes(client, kind)) {
            out.send(client, message);
        }
    }

    private Message message(Client client, IrcLine line, Kind kind, String target) {
        Message message =
                kind == Kind.TAGMSG
                        ? Message.by(client, kind.name(), target)
                        : Message.saying(client, kind.name(), target, line.param(1));
        return message.tagged(line.clientTags(), out.nextId());
    }

    private static boolean takes(Client client, Kind kind) {
        return kind != Kind.TAGMSG || client.has(Capability.MESSAGE_TAGS);
    }

    private static boolean isFilteredCtcp(Channel channel, IrcLine line, Kind kind) {
        String text = line.param(1);
        return kind != Kind.TAGMSG
                && channel.flags.contains('C')
                && text.startsWith("\1")
                && !text.startsWith("\1ACTION ");
    }

    private void refuse(Client client, Kind kind, Numeric numeric, String... params) {
        if (kind != Kind.NOTICE) {
            out.reply(client, numeric, params);
        }
    }

    private static String cut(String target) {
        return Wire.cut(target, Limits.CHANNEL_NAME);
    }
}
