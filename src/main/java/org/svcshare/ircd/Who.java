package org.svcshare.ircd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Questions about people: WHO (with the fields of WHOX), WHOIS, WHOWAS.
///
/// Sources: RFC 2812 section 3.6, IRCv3 WHOX and bot mode.
final class Who {
    private static final String WHOX_FIELDS = "tcuihsnfdlaor";
    private static final int WHOX_TOKEN = 3;

    private final Site site;
    private final World world;
    private final Outbox out;

    Who(Site site, World world, Outbox out) {
        this.site = site;
        this.world = world;
        this.out = out;
    }

    List<Command> commands() {
        return List.of(
                Command.of("WHO", 0, this::who),
                Command.of("WHOIS", 1, this::whois),
                Command.of("WHOWAS", 1, this::whowas));
    }

    private void who(Client client, IrcLine line) {
        String mask = line.has(0) ? line.param(0) : "*";
        String options = line.param(1);
        boolean operatorsOnly = options.startsWith("o");
        int rows = 0;
        // Nobody is an operator of the network, so the list of those is empty.
        for (Client person : operatorsOnly ? List.<Client>of() : asked(client, mask)) {
            if (rows++ == Limits.ROWS) {
                out.reply(client, Numeric.ERR_TOOMANYMATCHES, "WHO");
                break;
            }
            Channel channel = world.channel(mask);
            if (channel == null) {
                channel = visibleChannel(client, person);
            }
            int fields = options.indexOf('%');
            if (fields >= 0) {
                whox(client, person, channel, options.substring(fields + 1));
            } else {
                whoReply(client, person, channel);
            }
        }
        out.reply(client, Numeric.RPL_ENDOFWHO, Wire.cut(mask, Limits.MASK));
    }

    private List<Client> asked(Client client, String mask) {
        Channel channel = world.channel(mask);
        if (channel != null) {
            boolean inside = channel.hasMember(client);
            return channel.visibleTo(client)
                    ? channel.clients().stream().filter(m -> inside || !m.invisible).toList()
                    : List.of();
        }
        if (!Mask.isMask(mask)) {
            Client person = world.person(mask);
            return person == null ? List.of() : List.of(person);
        }
        var found = new ArrayList<Client>();
        for (Client person : world.clients()) {
            boolean open =
                    person == client || !person.invisible || world.sharesChannel(client, person);
            if (person.registered && open && matches(mask, person)) {
                found.add(person);
            }
        }
        return found;
    }

    private boolean matches(String mask, Client person) {
        return Mask.matches(world.casemapping, mask, person.nick)
                || Mask.matches(world.casemapping, mask, person.user)
                || Mask.matches(world.casemapping, mask, person.host)
                || Mask.matches(world.casemapping, mask, person.source());
    }

    private static @Nullable Channel visibleChannel(Client client, Client person) {
        for (Channel channel : person.channels) {
            boolean hidden = person.invisible && !channel.hasMember(client);
            if (channel.visibleTo(client) && !hidden) {
                return channel;
            }
        }
        return null;
    }

    private void whoReply(Client client, Client person, @Nullable Channel channel) {
        out.replySaying(
                client,
                Numeric.RPL_WHOREPLY,
                "0 " + person.realName,
                channel == null ? "*" : channel.name,
                person.user,
                person.host,
                site.name(),
                person.nick,
                flags(client, person, channel));
    }

    private static String flags(Client client, Client person, @Nullable Channel channel) {
        Channel.Member member = channel == null ? null : channel.member(person);
        String prefix = member == null ? "" : member.prefix(client.has(Capability.MULTI_PREFIX));
        return person.whoFlags() + prefix;
    }

    /// @param asked `fields[,token]`
    private void whox(Client client, Client person, @Nullable Channel channel, String asked) {
        int comma = asked.indexOf(',');
        String fields = comma < 0 ? asked : asked.substring(0, comma);
        String token = comma < 0 ? "" : Wire.cut(asked.substring(comma + 1), WHOX_TOKEN);
        var words = new ArrayList<String>();
        // In the specification's order, whatever the order of the question.
        for (int i = 0; i < WHOX_FIELDS.length(); i++) {
            char field = WHOX_FIELDS.charAt(i);
            if (fields.indexOf(field) >= 0 && field != 'r') {
                words.add(field(client, person, channel, field, token));
            }
        }
        if (fields.indexOf('r') >= 0) {
            out.replySaying(
                    client, Numeric.RPL_WHOSPCRPL, person.realName, words.toArray(String[]::new));
        } else {
            out.reply(client, Numeric.RPL_WHOSPCRPL, words.toArray(String[]::new));
        }
    }

    private String field(
            Client client, Client person, @Nullable Channel channel, char field, String token) {
        return switch (field) {
            case 't' -> token.isEmpty() ? "0" : token;
            case 'c' -> channel == null ? "*" : channel.name;
            case 'u' -> person.user;
            case 'i', 'h' -> person.host;
            case 's' -> site.name();
            case 'n' -> person.nick;
            case 'f' -> flags(client, person, channel);
            case 'd' -> "0";
            case 'l' -> Long.toString(idle(person));
            case 'a' -> person.account == null ? "0" : person.account;
            case 'o' -> "n/a";
            default -> throw new IllegalStateException("no WHOX field " + field);
        };
    }

    private void whois(Client client, IrcLine line) {
        // `WHOIS server nick` asks a server; there is only this one.
        String asked = line.has(1) ? line.param(1) : line.param(0);
        int left = Limits.TARGETS;
        for (String nick : asked.split(",", -1)) {
            if (left-- == 0) {
                break;
            }
            Client person = world.person(nick);
            if (person == null) {
                out.reply(client, Numeric.ERR_NOSUCHNICK, Wire.cut(nick, Limits.CHANNEL_NAME));
            } else {
                describe(client, person);
            }
        }
        out.reply(client, Numeric.RPL_ENDOFWHOIS, Wire.cut(asked, Limits.MASK));
    }

    private void describe(Client client, Client person) {
        String nick = person.nick;
        out.replySaying(
                client,
                Numeric.RPL_WHOISUSER,
                person.realName,
                nick,
                person.user,
                person.host,
                "*");
        out.replyListing(client, Numeric.RPL_WHOISCHANNELS, channels(client, person), ' ', nick);
        out.replySaying(
                client, Numeric.RPL_WHOISSERVER, site.network() + " network", nick, site.name());
        String away = person.away;
        if (away != null) {
            out.replySaying(client, Numeric.RPL_AWAY, away, nick);
        }
        String account = person.account;
        if (account != null) {
            out.reply(client, Numeric.RPL_WHOISACCOUNT, nick, account);
        }
        if (person.secure) {
            out.reply(client, Numeric.RPL_WHOISSECURE, nick);
        }
        if (person.bot) {
            out.replySaying(client, Numeric.RPL_WHOISBOT, "is a bot on " + site.network(), nick);
        }
        out.reply(
                client,
                Numeric.RPL_WHOISIDLE,
                nick,
                Long.toString(idle(person)),
                Long.toString(person.connectedAt.getEpochSecond()));
    }

    private static List<String> channels(Client client, Client person) {
        var names = new ArrayList<String>();
        for (Channel channel : person.channels) {
            Channel.Member member = channel.member(person);
            boolean hidden = person.invisible && person != client && !channel.hasMember(client);
            if (member != null && channel.visibleTo(client) && !hidden) {
                names.add(member.prefix(client.has(Capability.MULTI_PREFIX)) + channel.name);
            }
        }
        return names;
    }

    private void whowas(Client client, IrcLine line) {
        String nick = Wire.cut(line.param(0), Limits.CHANNEL_NAME);
        List<World.Past> pasts = world.pasts(nick);
        if (pasts.isEmpty()) {
            out.reply(client, Numeric.ERR_WASNOSUCHNICK, nick);
        }
        for (World.Past past : pasts) {
            out.replySaying(
                    client,
                    Numeric.RPL_WHOWASUSER,
                    past.realName(),
                    past.nick(),
                    past.user(),
                    past.host(),
                    "*");
            out.replySaying(
                    client,
                    Numeric.RPL_WHOISSERVER,
                    past.until().toString(),
                    past.nick(),
                    site.name());
        }
        out.reply(client, Numeric.RPL_ENDOFWHOWAS, nick);
    }

    private long idle(Client person) {
        return Math.max(0, Duration.between(person.spokeAt, out.now()).toSeconds());
    }
}
