package org.svcshare.replica;

import java.time.Instant;
import java.util.Map;

/// How far one write has come.
///
/// @param position in the order of all writes
/// @param outcome the status that the nodes agree on; 0 while they do not, or where nobody
///   remembers
/// @param everywhere whether every node has got it
/// @param nodes what each node answered: its status; 0 while it has not
public record WriteView(
        long position,
        String method,
        String target,
        Instant at,
        int outcome,
        boolean everywhere,
        Map<NodeAddress, Integer> nodes) {
    public WriteView {
        nodes = Map.copyOf(nodes);
    }
}
