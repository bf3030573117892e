package org.svcshare.replica;

import java.time.Instant;

/// One write in a node's queue, or parked.
///
/// @param position in the order of all writes
/// @param target path and query
/// @param why it is parked, for people; empty for one that waits
/// @param status what the node answered last; 0 for nothing
public record QueuedWrite(
        long position,
        String method,
        String target,
        long bodyBytes,
        Instant at,
        boolean parked,
        String why,
        int status) {}
