package org.svcshare.replica;

import java.util.Map;

/// What the client of a write hears.
public sealed interface Reply {
    /// What a node answered.
    ///
    /// @param from whose answer it is
    /// @param agreeing how many answered so
    /// @param asked of how many
    record Chosen(NodeAddress from, int status, int agreeing, int asked) implements Reply {}

    /// The nodes answered differently, so that the rule cannot be met.
    ///
    /// @param statuses what each answered, in the order in which they did
    record Split(Map<NodeAddress, Integer> statuses) implements Reply {}

    /// Too few nodes have answered in time. The write is kept and goes on.
    ///
    /// @param statuses what those answered that did
    /// @param asked how many nodes there are to get it
    record Later(Map<NodeAddress, Integer> statuses, int asked) implements Reply {}
}
