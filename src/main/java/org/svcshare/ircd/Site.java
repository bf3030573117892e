package org.svcshare.ircd;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.svcshare.config.IrcdSettings;
import org.svcshare.config.Secret;

/// What the settings say about this server, in wire bytes and fit for the places where it appears.
///
/// @param name the server's own prefix
/// @param network one word
/// @param startedAt for 003
record Site(
        String name,
        String network,
        List<String> motd,
        Optional<Secret> password,
        Map<String, Secret> accounts,
        Instant startedAt) {
    static final String VERSION = "svcshare-ircd";

    private static final int MOTD_LINE = 400;
    private static final List<String> DEFAULT_MOTD =
            List.of(
                    "Welcome. Bots of this network take turns with one shared service.",
                    "",
                    "Say  NICK: help     to a bot to see what it understands,",
                    "     NICK: status   to see its queue,",
                    "     NICK: election to ask for the turn.");

    static Site of(IrcdSettings settings, Instant now) {
        var motd = new ArrayList<String>();
        for (String line : settings.motd().isEmpty() ? DEFAULT_MOTD : settings.motd()) {
            motd.add(Wire.cut(Wire.fromText(line), MOTD_LINE));
        }
        var accounts = new LinkedHashMap<String, Secret>();
        settings.accounts().forEach((name, secret) -> accounts.put(Wire.fromText(name), secret));
        return new Site(
                word(settings.name(), "irc.local"),
                word(settings.network(), "svcshare"),
                List.copyOf(motd),
                settings.password(),
                Map.copyOf(accounts),
                now);
    }

    /// Whether the account is known and the password is its own; takes the same time either way.
    boolean knows(String account, String password) {
        Secret wanted = accounts.get(account);
        boolean same = Passwords.same(password, wanted == null ? new Secret("") : wanted);
        return wanted != null && same;
    }

    private static String word(String text, String otherwise) {
        String word = Wire.cut(Wire.fromText(text).strip().replace(' ', '-'), 63);
        while (word.startsWith(":") || word.startsWith("@")) {
            word = word.substring(1);
        }
        return word.isEmpty() ? otherwise : word;
    }
}
