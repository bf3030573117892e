package org.svcshare.ircd;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the server says about itself: ISUPPORT, LUSERS, MOTD, VERSION, TIME.
final class ServerReplies {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("EEE MMM dd uuuu HH:mm:ss 'UTC'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    /// ISUPPORT tokens in one line (RFC 2812 allows 15 parameters in all).
    private static final int TOKENS_A_LINE = 12;

    private final Site site;
    private final World world;
    private final Outbox out;

    ServerReplies(Site site, World world, Outbox out) {
        this.site = site;
        this.world = world;
        this.out = out;
    }

    List<Command> commands() {
        return List.of(
                Command.of("LUSERS", 0, (client, _) -> lusers(client)),
                Command.of("MOTD", 0, (client, _) -> motd(client)),
                Command.of("VERSION", 0, (client, _) -> version(client)),
                Command.of("TIME", 0, (client, _) -> time(client)));
    }

    void isupport(Client client) {
        var tokens =
                List.of(
                        "AWAYLEN=" + Limits.AWAY,
                        "BOT=B",
                        "CASEMAPPING=rfc1459",
                        "CHANLIMIT=#&:" + Limits.CHANNELS,
                        "CHANMODES=" + ChannelModes.GROUPS,
                        "CHANNELLEN=" + Limits.CHANNEL_NAME,
                        "CHANTYPES=#&",
                        "ELIST=MNU",
                        "EXCEPTS=e",
                        "HOSTLEN=63",
                        "INVEX=I",
                        "KEYLEN=" + Limits.KEY,
                        "KICKLEN=" + Limits.KICK,
                        "MAXLIST=Ibe:" + Limits.LIST_ENTRIES,
                        "MODES=" + Limits.MODES,
                        "MONITOR=" + Limits.MONITORED,
                        "NAMELEN=" + Limits.REAL_NAME,
                        "NETWORK=" + site.network(),
                        "NICKLEN=" + Limits.NICK,
                        "PREFIX=(ov)@+",
                        targets(),
                        "TOPICLEN=" + Limits.TOPIC,
                        "USERLEN=" + Limits.USER,
                        "WHOX");
        for (int from = 0; from < tokens.size(); from += TOKENS_A_LINE) {
            int to = Math.min(tokens.size(), from + TOKENS_A_LINE);
            out.reply(
                    client, Numeric.RPL_ISUPPORT, tokens.subList(from, to).toArray(String[]::new));
        }
    }

    void lusers(Client client) {
        int invisible = 0;
        int unknown = 0;
        int all = world.clients().size();
        for (Client other : world.clients()) {
            if (!other.registered) {
                unknown++;
            } else if (other.invisible) {
                invisible++;
            }
        }
        int people = all - unknown;
        String most = Integer.toString(world.mostClients());
        out.replySaying(
                client,
                Numeric.RPL_LUSERCLIENT,
                "There are %d users and %d invisible on 1 server"
                        .formatted(people - invisible, invisible));
        if (unknown > 0) {
            out.reply(client, Numeric.RPL_LUSERUNKNOWN, Integer.toString(unknown));
        }
        out.reply(client, Numeric.RPL_LUSERCHANNELS, Integer.toString(world.channels().size()));
        out.replySaying(
                client, Numeric.RPL_LUSERME, "I have %d clients and 0 servers".formatted(people));
        out.replySaying(
                client,
                Numeric.RPL_LOCALUSERS,
                "Current local users %d, max %s".formatted(people, most),
                Integer.toString(people),
                most);
        out.replySaying(
                client,
                Numeric.RPL_GLOBALUSERS,
                "Current global users %d, max %s".formatted(people, most),
                Integer.toString(people),
                most);
    }

    void motd(Client client) {
        out.replySaying(
                client, Numeric.RPL_MOTDSTART, "- " + site.name() + " Message of the day - ");
        for (String line : site.motd()) {
            out.replySaying(client, Numeric.RPL_MOTD, "- " + line);
        }
        out.reply(client, Numeric.RPL_ENDOFMOTD);
    }

    private void version(Client client) {
        out.replySaying(
                client,
                Numeric.RPL_VERSION,
                "the IRC server of svcshare",
                Site.VERSION,
                site.name());
        isupport(client);
    }

    private void time(Client client) {
        out.replySaying(client, Numeric.RPL_TIME, TIME.format(out.now()), site.name());
    }

    private static String targets() {
        var targets = new ArrayList<String>();
        for (String verb : List.of("KICK", "NAMES", "NOTICE", "PRIVMSG", "TAGMSG", "WHOIS")) {
            targets.add(verb + ":" + Limits.TARGETS);
        }
        return "TARGMAX=" + String.join(",", targets);
    }
}
