package org.svcshare.replica;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The copies of a service, as their operators see them. Any thread may call it; what is handed in
/// is called on a thread of the replicas' own and must not block it.
public interface Replicas {
    /// The nodes in order of priority, as they were a moment ago.
    List<NodeView> nodes();

    /// The same, of one.
    default Optional<NodeView> node(NodeAddress address) {
        return nodes().stream().filter(view -> view.node().address().equals(address)).findFirst();
    }

    /// Changes something; what it did survives a restart once it is told.
    void change(NodeChange change, Consumer<NodeChange.Result> then);

    /// What a node has yet to get, oldest first, with those that it parked.
    ///
    /// @param after positions up to this one are left out
    /// @param most how many at most, 1 to 1,000
    /// @param then gets nothing when there is no such node
    void queue(NodeAddress node, long after, int most, Consumer<Optional<List<QueuedWrite>>> then);

    /// @param id as a client was told it
    /// @param then gets nothing when there is none, or none any more
    void write(String id, Consumer<Optional<WriteView>> then);

    /// Why no writes are taken now; empty while they are.
    Optional<String> trouble();
}
