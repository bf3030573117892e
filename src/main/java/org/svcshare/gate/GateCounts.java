package org.svcshare.gate;

import java.time.Instant;
import java.util.List;

/// What has gone through a gate since it was made.
///
/// @param upBytes from clients to the service
/// @param downBytes from the service to clients
/// @param openedTotal connections that were let through
/// @param refusedTotal connections turned away: by the allow list, the limit, or unreachable
///   targets
/// @param knocksTotal connections that met a closed gate
/// @param open the connections that are open just now
public record GateCounts(
        long upBytes,
        long downBytes,
        long openedTotal,
        long refusedTotal,
        long knocksTotal,
        List<Connection> open) {

    /// @param client address and port of the client
    /// @param target which target it was connected to; empty while connecting
    public record Connection(
            long id, String client, String target, Instant since, long upBytes, long downBytes) {}

    public long movedBytes() {
        return upBytes + downBytes;
    }
}
