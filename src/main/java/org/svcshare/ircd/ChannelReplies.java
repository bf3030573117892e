package org.svcshare.ircd;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/// What a channel is about and who is in it: TOPIC, NAMES, LIST. Source: RFC 2812 section 3.2.
final class ChannelReplies {
    private final World world;
    private final Outbox out;
    private final IrcdListener listener;

    ChannelReplies(World world, Outbox out, IrcdListener listener) {
        this.world = world;
        this.out = out;
        this.listener = listener;
    }

    List<Command> commands() {
        return List.of(
                Command.of("TOPIC", 1, this::topic),
                Command.of("NAMES", 0, this::names),
                Command.of("LIST", 0, this::list));
    }

    /// 332 and 333, or 331.
    void topic(Client client, Channel channel) {
        if (channel.topic.isEmpty()) {
            out.reply(client, Numeric.RPL_NOTOPIC, channel.name);
            return;
        }
        out.replySaying(client, Numeric.RPL_TOPIC, channel.topic, channel.name);
        out.reply(
                client,
                Numeric.RPL_TOPICWHOTIME,
                channel.name,
                channel.topicBy,
                Long.toString(channel.topicAt.getEpochSecond()));
    }

    /// 353 and 366.
    void names(Client client, Channel channel) {
        boolean inside = channel.hasMember(client);
        var names = new ArrayList<String>();
        for (Client member : channel.clients()) {
            Channel.Member status = channel.member(member);
            if (status != null && (inside || !member.invisible)) {
                boolean full = client.has(Capability.USERHOST_IN_NAMES);
                names.add(
                        status.prefix(client.has(Capability.MULTI_PREFIX))
                                + (full ? member.source() : member.nick));
            }
        }
        if (channel.visibleTo(client)) {
            String sign = channel.secret() ? "@" : "=";
            out.replyListing(client, Numeric.RPL_NAMREPLY, names, ' ', sign, channel.name);
        }
        out.reply(client, Numeric.RPL_ENDOFNAMES, channel.name);
    }

    private void topic(Client client, IrcLine line) {
        Channel channel = world.channel(line.param(0));
        if (channel == null) {
            out.reply(client, Numeric.ERR_NOSUCHCHANNEL, line.param(0));
        } else if (!line.has(1)) {
            if (channel.visibleTo(client)) {
                topic(client, channel);
            } else {
                out.reply(client, Numeric.ERR_NOTONCHANNEL, channel.name);
            }
        } else if (!channel.hasMember(client)) {
            out.reply(client, Numeric.ERR_NOTONCHANNEL, channel.name);
        } else if (channel.flags.contains('t') && !channel.isOperator(client)) {
            out.reply(client, Numeric.ERR_CHANOPRIVSNEEDED, channel.name);
        } else {
            channel.topic = Wire.cut(line.param(1), Limits.TOPIC);
            channel.topicBy = client.source();
            channel.topicAt = out.now();
            out.send(
                    channel.clients(),
                    Message.saying(client, "TOPIC", channel.name, channel.topic));
            listener.topicChanged(
                    Wire.toText(channel.name), client.nick, Wire.toText(channel.topic));
        }
    }

    private void names(Client client, IrcLine line) {
        // All names of all channels at once would be a flood, so nobody gets them (as RFC 2812
        // allows: "*" and the end).
        List<String> wanted = line.has(0) ? line.list(0) : List.of("*");
        for (String name : wanted.stream().limit(Limits.TARGETS).toList()) {
            Channel channel = world.channel(name);
            if (channel == null) {
                out.reply(client, Numeric.RPL_ENDOFNAMES, Wire.cut(name, Limits.CHANNEL_NAME));
            } else {
                names(client, channel);
            }
        }
    }

    /// The conditions of ISUPPORT's `ELIST=MNU`: names, masks (with `!` for not), `<n`, `>n`.
    private void list(Client client, IrcLine line) {
        out.reply(client, Numeric.RPL_LISTSTART, "Channel");
        var found = new LinkedHashSet<Channel>();
        List<String> conditions = line.list(0);
        for (Channel channel : world.channels()) {
            if (channel.visibleTo(client) && listed(channel, conditions)) {
                found.add(channel);
            }
        }
        for (Channel channel : found.stream().limit(Limits.ROWS).toList()) {
            out.replySaying(
                    client,
                    Numeric.RPL_LIST,
                    channel.topic,
                    channel.name,
                    Integer.toString(channel.size()));
        }
        if (found.size() > Limits.ROWS) {
            out.reply(client, Numeric.ERR_TOOMANYMATCHES, "LIST");
        }
        out.reply(client, Numeric.RPL_LISTEND);
    }

    private boolean listed(Channel channel, List<String> conditions) {
        boolean named = false;
        boolean anyName = false;
        for (String condition : conditions) {
            char first = condition.charAt(0);
            if (first == '<' || first == '>') {
                int size = number(condition.substring(1));
                if (first == '<' ? channel.size() >= size : channel.size() <= size) {
                    return false;
                }
            } else if (first == '!') {
                if (Mask.matches(world.casemapping, condition.substring(1), channel.name)) {
                    return false;
                }
            } else {
                anyName = true;
                named |= Mask.matches(world.casemapping, condition, channel.name);
            }
        }
        return named || !anyName;
    }

    private static int number(String digits) {
        boolean isNumber =
                !digits.isEmpty()
                        && digits.length() <= 6
                        && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Integer.parseInt(digits) : 0;
    }
}
