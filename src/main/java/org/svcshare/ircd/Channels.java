package org.svcshare.ircd;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Coming into channels and going: JOIN, PART, KICK, INVITE. Source: RFC 2812 section 3.2.
final class Channels {
    private final World world;
    private final Outbox out;
    private final ChannelReplies replies;
    private final IrcdListener listener;

    Channels(World world, Outbox out, ChannelReplies replies, IrcdListener listener) {
        this.world = world;
        this.out = out;
        this.replies = replies;
        this.listener = listener;
    }

    List<Command> commands() {
        return List.of(
                Command.of("JOIN", 1, this::join),
                Command.of("PART", 1, this::part),
                Command.of("KICK", 2, this::kick),
                Command.of("INVITE", 2, this::invite));
    }

    private void join(Client client, IrcLine line) {
        if (line.param(0).equals("0")) {
            for (Channel channel : List.copyOf(client.channels)) {
                leave(client, channel, "");
            }
            return;
        }
        List<String> names = line.list(0);
        // Empty keys count: `JOIN #a,#b ,key` has a key for the second channel alone.
        String[] keys = line.param(1).split(",", -1);
        for (int i = 0; i < names.size(); i++) {
            String key = i < keys.length ? keys[i] : "";
            if (!join(client, names.get(i), key)) {
                return;
            }
        }
    }

    /// @return false when no further channel can be joined
    private boolean join(Client client, String name, String key) {
        if (!Names.isChannel(name)) {
            out.reply(client, Numeric.ERR_NOSUCHCHANNEL, Wire.cut(name, Limits.CHANNEL_NAME));
            return true;
        }
        Channel existing = world.channel(name);
        if (existing != null && existing.hasMember(client)) {
            return true;
        }
        if (client.channels.size() >= Limits.CHANNELS) {
            out.reply(client, Numeric.ERR_TOOMANYCHANNELS, name);
            return false;
        }
        Numeric refusal = existing == null ? null : refusal(client, existing, key);
        if (refusal == null) {
            enter(client, existing == null ? world.create(name, out.now()) : existing, name);
        } else {
            out.reply(client, refusal, name);
        }
        return true;
    }

    private @Nullable Numeric refusal(Client client, Channel channel, String key) {
        // An operator's invitation opens all doors, as on most networks.
        if (client.invitations.contains(channel)) {
            return null;
        }
        if (channel.isBanned(client)) {
            return Numeric.ERR_BANNEDFROMCHAN;
        }
        if (channel.flags.contains('i') && !channel.letsIn(client)) {
            return Numeric.ERR_INVITEONLYCHAN;
        }
        if (channel.key != null && !channel.key.equals(key)) {
            return Numeric.ERR_BADCHANNELKEY;
        }
        boolean full = channel.limit > 0 && channel.size() >= channel.limit;
        return full ? Numeric.ERR_CHANNELISFULL : null;
    }

    private void enter(Client client, Channel channel, String asWritten) {
        boolean first = channel.size() == 0;
        world.enter(client, channel).operator = first;
        client.invitations.remove(channel);

        // To the joiner in the joiner's spelling: bots of the first generation compare it exactly.
        out.send(client, joined(client, asWritten, client.has(Capability.EXTENDED_JOIN)));
        var plain = joined(client, channel.name, false);
        var extended = joined(client, channel.name, true);
        for (Client member : channel.clients()) {
            if (member != client) {
                out.send(member, member.has(Capability.EXTENDED_JOIN) ? extended : plain);
            }
        }
        String away = client.away;
        if (away != null) {
            out.send(
                    channel.clients(),
                    member -> member != client && member.has(Capability.AWAY_NOTIFY),
                    Message.saying(client, "AWAY", away));
        }
        if (!channel.topic.isEmpty()) {
            replies.topic(client, channel);
        }
        replies.names(client, channel);
        listener.joined(Wire.toText(channel.name), client.nick);
    }

    private static Message joined(Client client, String channel, boolean extended) {
        if (!extended) {
            return Message.by(client, "JOIN", channel);
        }
        String account = client.account == null ? "*" : client.account;
        // The colon always: the real name is text, also when it is one word.
        return Message.saying(client, "JOIN", List.of(channel, account), client.realName);
    }

    private void part(Client client, IrcLine line) {
        for (String name : line.list(0)) {
            Channel channel = world.channel(name);
            if (channel == null) {
                out.reply(client, Numeric.ERR_NOSUCHCHANNEL, Wire.cut(name, Limits.CHANNEL_NAME));
            } else if (!channel.hasMember(client)) {
                out.reply(client, Numeric.ERR_NOTONCHANNEL, channel.name);
            } else {
                leave(client, channel, line.param(1));
            }
        }
    }

    private void leave(Client client, Channel channel, String why) {
        var message =
                why.isEmpty()
                        ? Message.by(client, "PART", channel.name)
                        : Message.saying(client, "PART", channel.name, why);
        out.send(channel.clients(), message);
        world.leave(client, channel);
        listener.left(Wire.toText(channel.name), client.nick, Wire.toText(why));
    }

    private void kick(Client client, IrcLine line) {
        Channel channel = world.channel(line.param(0));
        if (channel == null) {
            out.reply(client, Numeric.ERR_NOSUCHCHANNEL, line.param(0));
        } else if (!channel.hasMember(client)) {
            out.reply(client, Numeric.ERR_NOTONCHANNEL, channel.name);
        } else if (!channel.isOperator(client)) {
            out.reply(client, Numeric.ERR_CHANOPRIVSNEEDED, channel.name);
        } else {
            String why =
                    line.param(2).isEmpty() ? client.nick : Wire.cut(line.param(2), Limits.KICK);
            line.list(1).stream()
                    .limit(Limits.TARGETS)
                    .forEach(nick -> kick(client, channel, nick, why));
        }
    }

    private void kick(Client client, Channel channel, String nick, String why) {
        Client target = world.person(nick);
        if (target == null) {
            out.reply(client, Numeric.ERR_NOSUCHNICK, nick);
        } else if (!channel.hasMember(target)) {
            out.reply(client, Numeric.ERR_USERNOTINCHANNEL, target.nick, channel.name);
        } else {
            out.send(
                    channel.clients(),
                    Message.saying(client, "KICK", List.of(channel.name, target.nick), why));
            world.leave(target, channel);
            listener.left(
                    Wire.toText(channel.name),
                    target.nick,
                    "kicked by " + client.nick + ": " + Wire.toText(why));
        }
    }

    private void invite(Client client, IrcLine line) {
        Client target = world.person(line.param(0));
        Channel channel = world.channel(line.param(1));
        if (target == null) {
            out.reply(client, Numeric.ERR_NOSUCHNICK, line.param(0));
        } else if (channel == null) {
            out.reply(client, Numeric.ERR_NOSUCHCHANNEL, line.param(1));
        } else if (!channel.hasMember(client)) {
            out.reply(client, Numeric.ERR_NOTONCHANNEL, channel.name);
        } else if (channel.hasMember(target)) {
            out.reply(client, Numeric.ERR_USERONCHANNEL, target.nick, channel.name);
        } else if (channel.flags.contains('i') && !channel.isOperator(client)) {
            out.reply(client, Numeric.ERR_CHANOPRIVSNEEDED, channel.name);
        } else {
            invite(client, target, channel);
        }
    }

    private void invite(Client client, Client target, Channel channel) {
        if (channel.isOperator(client)) {
            remember(target, channel);
        }
        var message = Message.by(client, "INVITE", target.nick, channel.name);
        out.reply(client, Numeric.RPL_INVITING, target.nick, channel.name);
        out.send(target, message);
        var others = new ArrayList<>(channel.clients());
        others.remove(client);
        out.send(others, member -> member.has(Capability.INVITE_NOTIFY), message);
        String away = target.away;
        if (away != null) {
            out.replySaying(client, Numeric.RPL_AWAY, away, target.nick);
        }
    }

    private static void remember(Client target, Channel channel) {
        target.invitations.add(channel);
        if (target.invitations.size() > Limits.INVITATIONS) {
            target.invitations.remove(target.invitations.iterator().next());
        }
    }
}
