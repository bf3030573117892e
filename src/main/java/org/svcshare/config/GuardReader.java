package org.svcshare.config;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.svcshare.pool.PoolRules;

/// Reads the `guard` settings of the `turn` block.
final class GuardReader {
    /// Below this too little is left of a lease when the clocks had their share.
    private static final Duration LEAST = Duration.ofSeconds(2);

    /// A bot that has died keeps the others waiting for so long.
    private static final Duration LONG = Duration.ofMinutes(2);

    private static final String OWN = "pool:";
    private static final Pattern POOL = Pattern.compile("/(?:.*/)?api/v1/pools/([^/]+)");
    private static final Pattern HEADER = Pattern.compile("[!-~]+");
    private static final String EXAMPLE = "https://locks.example.net/api/v1/pools/service";

    private GuardReader() {}

    static Optional<GuardSettings> read(Section turn) {
        Optional<Secret> token = turn.secret("guard-token");
        Optional<Path> ca = turn.file("guard-ca");
        Duration lease = turn.duration("guard-ttl", LEAST);
        Optional<String> text = turn.text("guard");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        if (lease.compareTo(LONG) > 0) {
            turn.warn("guard-ttl", "long: when a bot dies the others wait for so long");
        }
        return text.get().startsWith(OWN)
                ? own(turn, text.get().substring(OWN.length()), lease)
                : elsewhere(turn, token, ca, lease);
    }

    private static Optional<GuardSettings> own(Section turn, String pool, Duration lease) {
        if (!PoolsReader.isName(pool)) {
            turn.problem("guard", "expected the name of a pool, of 1 to 200 bytes, behind " + OWN);
            return Optional.empty();
        }
        return Optional.of(
                new GuardSettings(
                        pool, Optional.empty(), Optional.empty(), Optional.empty(), lease));
    }

    private static Optional<GuardSettings> elsewhere(
            Section turn, Optional<Secret> token, Optional<Path> ca, Duration lease) {
        Optional<URI> url = turn.url("guard", EXAMPLE + ", or " + OWN + "NAME");
        if (url.isEmpty()) {
            return Optional.empty();
        }
        Matcher path = POOL.matcher(String.valueOf(url.get().getRawPath()));
        if (!path.matches() || url.get().getRawQuery() != null) {
            turn.problem("guard", "expected a URL that ends in /api/v1/pools/NAME: " + EXAMPLE);
            return Optional.empty();
        }
        if (url.get().getRawUserInfo() != null) {
            turn.problem("guard", "expected no name and password before the host; see guard-token");
            return Optional.empty();
        }
        if (token.isPresent() && !HEADER.matcher(token.get().reveal()).matches()) {
            turn.problem("guard-token", "expected a token without blanks, of plain ASCII");
            return Optional.empty();
        }
        boolean open = "http".equalsIgnoreCase(url.get().getScheme());
        if (open && token.isPresent() && !Loopback.is(String.valueOf(url.get().getHost()))) {
            turn.warn("guard", "http: whoever is on the way can read the token; use https");
        }
        // A + is a plus here, not a blank.
        String pool = URLDecoder.decode(path.group(1).replace("+", "%2B"), StandardCharsets.UTF_8);
        if (!PoolsReader.isName(pool)) {
            turn.problem("guard", "expected the name of a pool, of 1 to 200 bytes, at its end");
            return Optional.empty();
        }
        return Optional.of(new GuardSettings(pool, url, token, ca, lease));
    }

    /// A lock of this node has to be there, and to be one that a single bot has at a time.
    static void check(GuardSettings guard, PoolSettings pools, Report report) {
        if (guard.url().isPresent()) {
            return;
        }
        Optional<PoolRules> rules =
                pools.rules().declared().stream()
                        .filter(pool -> pool.name().equals(guard.pool()))
                        .findFirst();
        if (rules.isEmpty() && pools.rules().undeclared() == null) {
            report.problem("turn.guard", "expected a pool of pools.declared: others are refused");
        } else if (rules.isPresent() && rules.get().slots() != 1) {
            report.problem(
                    "turn.guard",
                    "expected a pool with one slot, found " + rules.get().slots() + " slots");
        }
    }
}
