package org.svcshare.config;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
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
        List<String> texts = turn.oneOrMore("guard");
        if (texts.isEmpty()) {
            return Optional.empty();
        }
        if (lease.compareTo(LONG) > 0) {
            turn.warn("guard-ttl", "long: when a bot dies the others wait for so long");
        }
        if (texts.size() == 1 && texts.getFirst().startsWith(OWN)) {
            return own(turn, texts.getFirst().substring(OWN.length()), lease);
        }
        return elsewhere(turn, token, ca, lease);
    }

    private static Optional<GuardSettings> own(Section turn, String pool, Duration lease) {
        if (!PoolsReader.isName(pool)) {
            turn.problem("guard", "expected the name of a pool, of 1 to 200 bytes, behind " + OWN);
            return Optional.empty();
        }
        return Optional.of(
                new GuardSettings(pool, List.of(), Optional.empty(), Optional.empty(), lease));
    }

    private static Optional<GuardSettings> elsewhere(
            Section turn, Optional<Secret> token, Optional<Path> ca, Duration lease) {
        List<URI> urls = turn.urls("guard", EXAMPLE + ", or " + OWN + "NAME");
        if (token.isPresent() && !HEADER.matcher(token.get().reveal()).matches()) {
            turn.problem("guard-token", "expected a token without blanks, of plain ASCII");
            return Optional.empty();
        }
        var pools = new LinkedHashSet<String>();
        for (URI url : urls) {
            Optional<String> pool = pool(turn, url);
            if (pool.isEmpty()) {
                return Optional.empty();
            }
            pools.add(pool.get());
            boolean open = "http".equalsIgnoreCase(url.getScheme());
            if (open && token.isPresent() && !Loopback.is(String.valueOf(url.getHost()))) {
                turn.warn("guard", "http: whoever is on the way can read the token; use https");
            }
        }
        if (pools.size() > 1) {
            turn.problem(
                    "guard",
                    "expected one pool at all of them, found " + String.join(" and ", pools));
            return Optional.empty();
        }
        return pools.stream().findFirst().map(p -> new GuardSettings(p, urls, token, ca, lease));
    }

    /// The pool that a URL names.
    private static Optional<String> pool(Section turn, URI url) {
        Matcher path = POOL.matcher(String.valueOf(url.getRawPath()));
        if (!path.matches() || url.getRawQuery() != null) {
            turn.problem("guard", "expected a URL that ends in /api/v1/pools/NAME: " + EXAMPLE);
            return Optional.empty();
        }
        if (url.getRawUserInfo() != null) {
            turn.problem("guard", "expected no name and password before the host; see guard-token");
            return Optional.empty();
        }
        // A + is a plus here, not a blank.
        String pool = URLDecoder.decode(path.group(1).replace("+", "%2B"), StandardCharsets.UTF_8);
        if (!PoolsReader.isName(pool)) {
            turn.problem("guard", "expected the name of a pool, of 1 to 200 bytes, at its end");
            return Optional.empty();
        }
        return Optional.of(pool);
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
