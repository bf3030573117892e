package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.svcshare.config.HttpSettings.Limits;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.config.HttpSettings.Tls;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.pool.Operation;

/// Reads the `http` block.
final class HttpReader {
    private static final Endpoint FALLBACK = new Endpoint("127.0.0.1", 9889);
    private static final Pattern NAME = Pattern.compile("[\\w.@-]{1,50}");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/=-]{16,512}");
    private static final int MOST_TOKENS = 256;

    private final Section http;

    HttpReader(Section http) {
        this.http = http;
    }

    HttpSettings read() {
        var settings =
                new HttpSettings(
                        http.flag("enabled"),
                        http.endpoint("listen", 0, FALLBACK.port()).orElse(FALLBACK),
                        !http.isDefault("listen"),
                        tls(http.section("tls"), "password"),
                        tokens(),
                        http.texts("hosts").stream().map(h -> h.toLowerCase(Locale.ROOT)).toList(),
                        http.flag("legacy"),
                        http.number("event-loops", 1, 64),
                        limits(http.section("limits")));
        http.done();
        if (settings.enabled() && !Loopback.is(settings.listen().host())) {
            beyondLoopback(settings);
        }
        return settings;
    }

    private void beyondLoopback(HttpSettings settings) {
        if (settings.tokens().isEmpty()) {
            http.problem(
                    "listen",
                    settings.listen().host()
                            + " is not loopback, so everybody could take and end locks: expected"
                            + " http.tokens as well");
        }
        if (settings.tls().isEmpty()) {
            http.warn("listen", "not loopback and no http.tls: tokens can be read on the way");
        }
        if (settings.legacy()) {
            http.warn(
                    "legacy",
                    "whoever reaches the server may take and release locks under any host's name");
        }
    }

    /// What a server shows; reads the block to its end.
    ///
    /// @param password which setting opens a PKCS#12 file
    static Optional<Tls> tls(Section tls, String password) {
        Optional<Path> certificate = tls.file("certificate");
        Optional<Path> key = tls.file("key");
        Optional<Secret> secret = tls.secret(password);
        tls.done();
        boolean store =
                certificate.isPresent() && certificate.get().toString().matches(".*\\.(p12|pfx)");
        if (certificate.isEmpty() && key.isPresent()) {
            tls.problem("key", "expected with certificate only");
        } else if (certificate.isPresent() && !store && tls.text("key").isEmpty()) {
            tls.problem("certificate", "expected key as well, or a PKCS#12 file with both (*.p12)");
        } else if (store && key.isPresent()) {
            tls.problem("key", "a PKCS#12 file has the key in it");
        }
        return certificate.map(file -> new Tls(file, key, secret));
    }

    private List<Token> tokens() {
        var tokens = new ArrayList<Token>();
        var names = new HashSet<String>();
        var secrets = new HashSet<String>();
        for (Section block : http.sections("tokens")) {
            String name = block.text("name", NAME, "one word").orElse("");
            Role role =
                    block.choice(
                            "role",
                            Map.of("read", Role.READ, "lock", Role.LOCK, "admin", Role.ADMIN),
                            Role.READ);
            Optional<Secret> secret = block.secret("token");
            block.know(List.of("name", "role"));
            block.done();
            if (block.text("name").isEmpty()) {
                block.problem("name", "expected a name, found nothing");
            } else if (!name.isEmpty() && !names.add(name)) {
                block.problem("name", "there is another token of this name");
            }
            if (secret.isEmpty()) {
                if (block.text("token-file").isEmpty()) {
                    block.problem("token", "expected token or token-file, found neither");
                }
            } else if (!TOKEN.matcher(secret.get().reveal()).matches()) {
                block.problem(
                        "token",
                        "expected 16 to 512 letters, digits or ._~+/=- ; `svcshare secret` draws"
                                + " one");
            } else if (!secrets.add(secret.get().reveal())) {
                block.problem("token", "another name has the same");
            } else {
                tokens.add(new Token(name, role, secret.get()));
            }
        }
        if (tokens.size() > MOST_TOKENS) {
            http.problem("tokens", "expected at most " + MOST_TOKENS);
        }
        return List.copyOf(tokens);
    }

    private static Limits limits(Section limits) {
        var read =
                new Limits(
                        bytes(limits, "body", 1 << 10, 16 << 20),
                        bytes(limits, "header", 1 << 10, 1 << 20),
                        limits.number("connections", 1, 1_000_000),
                        limits.duration("idle-timeout", Duration.ofMillis(100)),
                        limits.duration("longest-wait", Duration.ofSeconds(1)));
        limits.done();
        if (read.longestWait().toMillis() > Operation.MAX_TIME_MS) {
            limits.problem("longest-wait", "expected at most 7d");
        }
        return read;
    }

    private static int bytes(Section limits, String key, int min, int max) {
        long bytes = limits.bytes(key);
        if (bytes < min || bytes > max) {
            limits.problem(key, "expected a size from " + min + " to " + max + " bytes");
            return min;
        }
        return (int) bytes;
    }
}
