package org.svcshare.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Reads the `ircd` block.
final class IrcdReader {
    private static final Pattern SERVER_NAME = Pattern.compile("[A-Za-z0-9.-]{1,63}");
    private static final Pattern ONE_WORD = Pattern.compile("\\S{1,63}");
    private static final Pattern ACCOUNT_LINE = Pattern.compile("(\\S+)\\s+(\\S.*)");
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Section ircd;

    IrcdReader(Section ircd) {
        this.ircd = ircd;
    }

    IrcdSettings read() {
        Endpoint fallback = new Endpoint("127.0.0.1", 6667);
        Optional<Endpoint> tlsListen = ircd.endpoint("tls-listen", 0, 6697);
        Optional<Path> certificate = ircd.file("certificate");
        Optional<Path> key = ircd.file("key");
        if (tlsListen.isPresent()
                && (ircd.text("certificate").isEmpty() || ircd.text("key").isEmpty())) {
            ircd.problem("tls-listen", "expects certificate and key as well");
        }
        var settings =
                new IrcdSettings(
                        ircd.flag("enabled"),
                        ircd.endpoint("listen", 0, 6667).orElse(fallback),
                        ircd.text("name", SERVER_NAME, "a host name").orElse("irc.local"),
                        ircd.text("network", ONE_WORD, "one word").orElse("svcshare"),
                        ircd.secret("password"),
                        accounts(),
                        tlsListen,
                        certificate,
                        key,
                        ircd.texts("motd"),
                        ircd.number("max-clients", 1, 100_000),
                        ircd.number("flood-burst", 1, 10_000),
                        ircd.duration("flood-interval", Duration.ZERO),
                        ircd.duration("ping-every", SECOND),
                        ircd.duration("ping-timeout", SECOND),
                        ircd.duration("register-timeout", SECOND));
        ircd.done();
        if (settings.enabled()
                && !Loopback.is(settings.listen().host())
                && settings.password().isEmpty()) {
            ircd.warn("listen", "not loopback, and no password: whoever reaches it may come in");
        }
        return settings;
    }

    private Map<String, Secret> accounts() {
        var accounts = new TreeMap<String, Secret>();
        Section block = ircd.section("accounts");
        for (String name : block.names()) {
            if (!ONE_WORD.matcher(name).matches()) {
                block.problem(name, "expected an account of one word");
            }
            block.secretText(name)
                    .ifPresentOrElse(
                            password -> accounts.put(name, new Secret(password)),
                            () -> block.problem(name, "expected a password"));
        }
        ircd.file("accounts-file").ifPresent(file -> fromFile(file, accounts));
        return accounts;
    }

    private void fromFile(Path file, Map<String, Secret> accounts) {
        if (SecretSource.othersMayRead(file)) {
            ircd.warn("accounts-file", "others may read " + file + "; chmod 600 it");
        }
        try {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (line.isBlank() || line.startsWith("#")) {
                    continue;
                }
                var parts = ACCOUNT_LINE.matcher(line.strip());
                if (parts.matches()) {
                    accounts.put(parts.group(1), new Secret(parts.group(2)));
                } else {
                    ircd.problem(
                            "accounts-file",
                            "expected `account password` in line " + number + " of " + file);
                }
            }
        } catch (IOException e) {
            ircd.problem("accounts-file", "cannot be read: " + e.getMessage());
        }
    }
}
