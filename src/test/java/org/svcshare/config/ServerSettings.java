package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.pool.TableRules;

/// Settings of an HTTP server and its pools for tests: on a free port of loopback, in memory.
public final class ServerSettings {
    private ServerSettings() {}

    public static HttpSettings http(List<HttpSettings.Token> tokens, Duration longestWait) {
        return http(tokens, List.of(), 1, limits(100, Duration.ofSeconds(60), longestWait));
    }

    public static HttpSettings http(
            List<HttpSettings.Token> tokens,
            List<String> hosts,
            int loops,
            HttpSettings.Limits limits) {
        return new HttpSettings(
                true,
                new Endpoint("127.0.0.1", 0),
                true,
                Optional.empty(),
                tokens,
                hosts,
                false,
                loops,
                limits);
    }

    public static HttpSettings.Limits limits(int connections, Duration idle, Duration longestWait) {
        return new HttpSettings.Limits(64 * 1024, 8 * 1024, connections, idle, longestWait);
    }

    public static PoolSettings pools(TableRules rules, Duration claim) {
        return new PoolSettings(
                PoolSettings.Engine.MEMORY,
                new PoolSettings.Memcached(
                        new Endpoint("localhost", 11211),
                        "svcshare",
                        Duration.ofSeconds(1),
                        Duration.ofMillis(200)),
                rules,
                Duration.ZERO,
                claim,
                Path.of("unused"));
    }
}
