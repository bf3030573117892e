package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.svcshare.pool.TableRules;

/// The lock pools; see `pools` in `reference.conf`.
///
/// @param memcached for [Engine#MEMCACHED]
/// @param grace how long no lease ends after a restart, so that holders can renew
/// @param claim how long a lock is kept for a waiter who was not there when it was granted
/// @param folder where the journal is
public record PoolSettings(
        Engine engine,
        Memcached memcached,
        TableRules rules,
        Duration grace,
        Duration claim,
        Path folder) {

    /// The same without any: whoever asks for one is told that there is none.
    PoolSettings none() {
        var without =
                new TableRules(
                        List.of(),
                        null,
                        rules.maxTickets(),
                        rules.rememberMs(),
                        rules.maxRemembered());
        return new PoolSettings(Engine.MEMORY, memcached, without, grace, claim, folder);
    }

    /// What keeps the tickets.
    public enum Engine {
        /// On disk, of this machine.
        JOURNAL,
        /// Nowhere: a restart forgets them.
        MEMORY,
        MEMCACHED,
        /// On the disks of a group of machines; see [GroupSettings].
        CLUSTER
    }

    /// A memcached that several servers share.
    ///
    /// @param at where it is
    /// @param prefix what this group's keys begin with: 1 to 100 visible ASCII characters
    /// @param timeout how long one call may take, 10 ms to 1 min
    /// @param pollEvery how often a pool is looked at while somebody waits for it here, 10 ms to 1
    ///   min
    public record Memcached(Endpoint at, String prefix, Duration timeout, Duration pollEvery) {
        Memcached at(Endpoint other) {
            return new Memcached(other, prefix, timeout, pollEvery);
        }
    }
}
