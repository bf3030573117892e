package org.svcshare.engine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// Which memcached keeps the pools, and how it is asked.
///
/// @param port 1 to 65,535
/// @param prefix what the keys of this group begin with, 1 to 100 visible ASCII characters: groups
///   that share one memcached take different ones
/// @param callLimit how long one call may take, 10 ms to 1 min; an operation may take three times
///   as long, as it needs several
/// @param pollInterval how often pools in which somebody waits here are looked at, 10 ms to 1 min
public record MemcachedPlace(
        String host, int port, String prefix, Duration callLimit, Duration pollInterval) {
    private static final Duration LEAST = Duration.ofMillis(10);
    private static final Duration MOST = Duration.ofMinutes(1);

    /// A key of memcached has 250 bytes; 33 are a colon and the pool's digest.
    private static final String PREFIX = "[!-~]{1,100}";

    public MemcachedPlace {
        if (host.isBlank() || port < 1 || port > 0xffff || !prefix.matches(PREFIX)) {
            throw new IllegalArgumentException(
                    "host=" + host + " port=" + port + " prefix=" + prefix);
        }
        inRange("call limit", callLimit);
        inRange("poll interval", pollInterval);
    }

    private static void inRange(String what, Duration time) {
        if (time.compareTo(LEAST) < 0 || time.compareTo(MOST) > 0) {
            throw new IllegalArgumentException(what + ": " + time);
        }
    }

    Duration operationLimit() {
        return callLimit.multipliedBy(3);
    }

    /// Pool names may have anything in them; keys may not.
    String key(String pool) {
        return prefix + ":" + Digests.hex128(pool.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "memcached at " + host + ":" + port;
    }
}
