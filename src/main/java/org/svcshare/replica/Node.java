package org.svcshare.replica;

import java.util.Comparator;

/// One copy of the service, as its operators want it.
///
/// @param priority 1, 2, 3 … come first, then 0, then -1, -2 … (spawn's order)
/// @param active takes part: its writes are kept for it. What it misses while it does not is lost
///   to it, so that it has to start from a copy
/// @param maintenance is left alone: writes are kept for it, reads go elsewhere
/// @param tls whether it is spoken to over TLS
/// @param weight how many reads it gets beside the others, 1 to 100
public record Node(
        NodeAddress address,
        int priority,
        boolean active,
        boolean maintenance,
        boolean tls,
        int weight) {
    public static final int MOST_WEIGHT = 100;

    /// Positive ones first, then 0, then negative ones from -1 downward; where that ties, by
    /// address.
    public static final Comparator<Node> ORDER =
            Comparator.comparingLong((Node node) -> rank(node.priority))
                    .thenComparing(Node::address);

    public Node {
        if (weight < 1 || weight > MOST_WEIGHT) {
            throw new IllegalArgumentException("not a weight: " + weight);
        }
    }

    /// One that nobody said more of: not active, as spawn had it.
    public static Node at(NodeAddress address) {
        return new Node(address, 0, false, false, false, 1);
    }

    private static long rank(int priority) {
        return priority > 0 ? priority : (1L << 32) - priority;
    }
}
