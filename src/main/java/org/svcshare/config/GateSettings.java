package org.svcshare.config;

import java.time.Duration;
import java.util.List;

/// The gate in front of the service; see `gate` in `reference.conf`.
///
/// @param listen a host name binds all its addresses (localhost: IPv4 and IPv6)
/// @param targets in order of preference; the next is tried when one cannot be reached
/// @param maxConnections 0 for no limit
/// @param bandwidthBps bytes per second over all connections, each direction; 0 for no limit
/// @param idleTimeout zero for none
/// @param holdLimit how long `hold` keeps a client waiting
/// @param allow networks in CIDR form that may connect; empty for all
public record GateSettings(
        Endpoint listen,
        List<Endpoint> targets,
        TlsSettings targetTls,
        WhenClosed whenClosed,
        Duration holdLimit,
        int maxConnections,
        long bandwidthBps,
        Duration connectTimeout,
        Duration idleTimeout,
        List<String> allow) {

    /// What a client meets while the gate is closed.
    public enum WhenClosed {
        /// The port is not bound: connection refused.
        REFUSE,
        /// The connection is accepted and reset: counts as a knock.
        RESET,
        /// The connection waits for the gate to open, up to the limit: counts as a knock.
        HOLD
    }
}
