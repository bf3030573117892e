package org.svcshare.replica;

import java.time.Instant;
import java.util.Optional;

/// How a node is doing.
///
/// @param up whether it answered when it was last asked
/// @param readable whether reads may go there now
/// @param why of the state, for people; empty where there is nothing to say
/// @param queueWrites how many writes it has yet to get
/// @param queueBytes what their bodies come to
/// @param oldest when the oldest of them came
/// @param parked how many writes it refused and that were put aside
/// @param position the last write that it has got or passed by
/// @param underWay how many requests it is answering now
/// @param counts of its requests since the start
/// @param lastError what it last did wrong, for people, and when
public record NodeView(
        Node node,
        NodeState state,
        boolean up,
        boolean readable,
        String why,
        long queueWrites,
        long queueBytes,
        Optional<Instant> oldest,
        int parked,
        long position,
        int underWay,
        NodeCounts counts,
        Optional<Fault> lastError) {

    /// @param what one line
    public record Fault(String what, Instant at) {}
}
