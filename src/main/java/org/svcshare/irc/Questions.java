package org.svcshare.irc;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.svcshare.channel.CtcpText;
import org.svcshare.channel.IrcText;

/// The questions of CTCP that every client answers.
///
/// Owned by the channel's loop.
final class Questions {
    private final Session session;
    private final Link link;
    private final Rates rates;

    /// How often they are answered; outlives a connection.
    static final class Rates {
        private final SlowRate each = new SlowRate(Duration.ofSeconds(10));
        private final SlowRate all = new SlowRate(Duration.ofSeconds(1));
    }

    Questions(Session session, Link link, Rates rates) {
        this.session = session;
        this.link = link;
        this.rates = rates;
    }

    /// Source: CTCP draft, modern.ircdocs.horse/ctcp. An unknown question gets no answer.
    void asked(IrcLine line, String body) {
        int blank = body.indexOf(' ');
        String verb = (blank < 0 ? body : body.substring(0, blank)).toUpperCase(Locale.ROOT);
        String argument = blank < 0 ? "" : body.substring(blank + 1);
        String answer =
                switch (verb) {
                    case "VERSION" -> "svcshare " + version();
                    case "PING" -> argument.substring(0, Math.min(64, argument.length()));
                    case "CLIENTINFO" -> "CLIENTINFO PING SOURCE VERSION";
                    case "SOURCE" -> "svcshare";
                    default -> null;
                };
        if (answer != null
                && !line.nick().isEmpty()
                && !line.host().isEmpty()
                && rates.each.allows(session.casemapping().fold(line.nick()), link.nanos())
                && rates.all.allows("", link.nanos())) {
            link.send(
                    Outbox.Urgency.CHATTER,
                    "NOTICE "
                            + line.nick()
                            + " :"
                            + CtcpText.wrap((verb + " " + IrcText.oneLine(answer)).strip()));
        }
    }

    private static String version() {
        return Optional.ofNullable(Questions.class.getPackage().getImplementationVersion())
                .orElse("");
    }
}
