package org.svcshare.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.svcshare.config.PoolSettings.Engine;
import org.svcshare.pool.Operation;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.TableRules;

/// Reads the `pools` block.
final class PoolsReader {
    private static final Endpoint MEMCACHED = new Endpoint("localhost", 11211);

    /// A key of memcached is printable, without blanks, and has 250 bytes at most; ours end in 33.
    private static final Pattern PREFIX = Pattern.compile("[!-~]{1,100}");

    private static final Duration SHORTEST_CALL = Duration.ofMillis(10);
    private static final Duration LONGEST_CALL = Duration.ofMinutes(1);
    private static final int MOST_POOLS = 10_000;
    static final int MOST_TICKETS = 10_000_000;

    private final Section pools;
    private final Path stateFolder;

    PoolsReader(Section pools, Path stateFolder) {
        this.pools = pools;
        this.stateFolder = stateFolder;
    }

    PoolSettings read() {
        long leaseMs = time(pools, "lease");
        int maxWaiters = pools.number("max-waiters", 0, MOST_TICKETS);
        List<PoolRules> declared = declared(leaseMs, maxWaiters);
        boolean undeclared =
                pools.choice("undeclared", Map.of("allow", true, "refuse", false), true);
        var rules =
                new TableRules(
                        declared,
                        undeclared ? new PoolRules("", 1, leaseMs, maxWaiters, Set.of()) : null,
                        pools.number("max-tickets", 1, MOST_TICKETS),
                        time(pools, "remember"),
                        pools.number("max-remembered", 0, MOST_TICKETS));
        var settings =
                new PoolSettings(
                        pools.choice(
                                "engine",
                                Map.of(
                                        "journal",
                                        Engine.JOURNAL,
                                        "memory",
                                        Engine.MEMORY,
                                        "memcached",
                                        Engine.MEMCACHED,
                                        "cluster",
                                        Engine.CLUSTER),
                                Engine.JOURNAL),
                        memcached(),
                        rules,
                        Duration.ofMillis(time(pools, "grace")),
                        Duration.ofMillis(time(pools, "claim")),
                        folder());
        pools.done();
        return settings;
    }

    private PoolSettings.Memcached memcached() {
        return new PoolSettings.Memcached(
                memcachedAt(),
                pools.text("memcached-prefix", PREFIX, "1 to 100 visible ASCII characters")
                        .orElse("svcshare"),
                callTime("memcached-timeout"),
                callTime("memcached-poll-every"));
    }

    private Endpoint memcachedAt() {
        if (pools.text("memcached").orElse("").contains(",")) {
            pools.problem(
                    "memcached",
                    "expected one host:port: a lock has to be in one place; docs/pools.md says"
                            + " more");
            return MEMCACHED;
        }
        return pools.endpoint("memcached", 1, MEMCACHED.port()).orElse(MEMCACHED);
    }

    private Duration callTime(String key) {
        Duration time = pools.duration(key, SHORTEST_CALL);
        if (time.compareTo(LONGEST_CALL) > 0) {
            pools.problem(key, "expected at most 1m");
            return LONGEST_CALL;
        }
        return time;
    }

    private Path folder() {
        return pools.text("folder").isPresent()
                ? pools.resolve("folder", pools.text("folder").get())
                : pools.derived("folder", stateFolder.resolve("pools"));
    }

    private List<PoolRules> declared(long leaseMs, int maxWaiters) {
        var declared = new ArrayList<PoolRules>();
        var names = new HashSet<String>();
        for (Section block : pools.sections("declared")) {
            String name = block.text("name").orElse("");
            int slots = block.has("slots") ? block.number("slots", 1, PoolRules.MAX_SLOTS) : 1;
            long lease = block.has("lease") ? time(block, "lease") : leaseMs;
            int waiters =
                    block.has("max-waiters")
                            ? block.number("max-waiters", 0, MOST_TICKETS)
                            : maxWaiters;
            Set<String> allow = Set.copyOf(block.texts("allow"));
            block.know(List.of("slots", "lease", "max-waiters"));
            block.done();
            if (!isName(name)) {
                block.problem("name", "expected a name of 1 to 200 bytes");
            } else if (!names.add(name)) {
                block.problem("name", "there is another pool of this name");
            } else {
                declared.add(new PoolRules(name, slots, lease, waiters, allow));
            }
        }
        if (declared.size() > MOST_POOLS) {
            pools.problem("declared", "expected at most " + MOST_POOLS + " pools");
        }
        return declared;
    }

    /// Control characters were refused before.
    static boolean isName(String name) {
        return !name.isEmpty()
                && name.getBytes(StandardCharsets.UTF_8).length <= Operation.MAX_NAME_BYTES;
    }

    private static long time(Section section, String key) {
        long ms = section.duration(key, Duration.ZERO).toMillis();
        if (ms > Operation.MAX_TIME_MS) {
            section.problem(key, "expected at most 7d");
            return Operation.MAX_TIME_MS;
        }
        return ms;
    }
}
