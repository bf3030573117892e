package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import org.svcshare.pool.TableRules;

/// The lock pools; see `pools` in `reference.conf`.
///
/// @param memcached where memcached is, for [Engine#MEMCACHED]
/// @param grace how long no lease ends after a restart, so that holders can renew
/// @param claim how long a lock is kept for a waiter who was not there when it was granted
/// @param folder where the journal is
public record PoolSettings(
        Engine engine,
        Endpoint memcached,
        TableRules rules,
        Duration grace,
        Duration claim,
        Path folder) {

    /// What keeps the tickets.
    public enum Engine {
        /// On disk, of this machine.
        JOURNAL,
        /// Nowhere: a restart forgets them.
        MEMORY,
        MEMCACHED
    }
}
