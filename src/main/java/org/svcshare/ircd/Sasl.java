package org.svcshare.ircd;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// AUTHENTICATE: SASL PLAIN with the accounts of the settings.
///
/// Sources: IRCv3 SASL 3.2, RFC 4616. A message comes in pieces of 400 bytes; a shorter one ends
/// it.
final class Sasl {
    static final String MECHANISM = "PLAIN";
    private static final int PIECE = 400;

    private record Login(String account, String password) {}

    private final Site site;
    private final Outbox out;
    private final Departures departures;
    private final Presence presence;

    Sasl(Site site, Outbox out, Departures departures, Presence presence) {
        this.site = site;
        this.out = out;
        this.departures = departures;
        this.presence = presence;
    }

    List<Command> commands() {
        return List.of(Command.early("AUTHENTICATE", 1, this::authenticate));
    }

    private void authenticate(Client client, IrcLine line) {
        String word = line.param(0);
        if (!client.has(Capability.SASL)) {
            out.reply(client, Numeric.ERR_SASLFAIL);
        } else if (client.account != null) {
            out.reply(client, Numeric.ERR_SASLALREADY);
        } else if (word.equals("*")) {
            client.sasl = null;
            out.reply(client, Numeric.ERR_SASLABORTED);
        } else {
            StringBuilder soFar = client.sasl;
            if (soFar == null) {
                begin(client, word);
            } else {
                proceed(client, soFar, word);
            }
        }
    }

    private void begin(Client client, String mechanism) {
        if (mechanism.equalsIgnoreCase(MECHANISM)) {
            client.sasl = new StringBuilder();
            out.send(client, new Message("AUTHENTICATE +", null, "", ""));
        } else {
            out.reply(client, Numeric.RPL_SASLMECHS, MECHANISM);
            fail(client);
        }
    }

    private void proceed(Client client, StringBuilder soFar, String piece) {
        if (piece.length() > PIECE || soFar.length() + piece.length() > Limits.SASL_MESSAGE) {
            client.sasl = null;
            out.reply(client, Numeric.ERR_SASLTOOLONG);
            count(client);
            return;
        }
        if (!piece.equals("+")) {
            soFar.append(piece);
        }
        if (piece.length() < PIECE) {
            client.sasl = null;
            login(soFar.toString())
                    .filter(login -> site.knows(login.account(), login.password()))
                    .ifPresentOrElse(login -> succeed(client, login.account()), () -> fail(client));
        }
    }

    private void succeed(Client client, String account) {
        client.account = account;
        client.saslFailures = 0;
        out.replySaying(
                client,
                Numeric.RPL_LOGGEDIN,
                "You are now logged in as " + account,
                client.source(),
                account);
        out.reply(client, Numeric.RPL_SASLSUCCESS);
        presence.accountChanged(client);
    }

    private void fail(Client client) {
        client.sasl = null;
        out.reply(client, Numeric.ERR_SASLFAIL);
        count(client);
    }

    private void count(Client client) {
        client.saslFailures++;
        if (client.saslFailures >= Limits.SASL_ATTEMPTS) {
            departures.dismiss(client, "Too many SASL failures");
        }
    }

    /// `[authzid] NUL authcid NUL password`; to act for somebody else is refused.
    private static Optional<Login> login(String base64) {
        String message;
        try {
            message = new String(Base64.getDecoder().decode(base64), StandardCharsets.ISO_8859_1);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        String[] parts = message.split("\0", -1);
        boolean own = parts.length == 3 && (parts[0].isEmpty() || parts[0].equals(parts[1]));
        return own ? Optional.of(new Login(parts[1], parts[2])) : Optional.empty();
    }
}
