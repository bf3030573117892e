package org.svcshare.replica;

import java.util.List;
import java.util.Map;

/// What an operator wants to be different.
public sealed interface NodeChange {
    /// Whether it depends on what is under way. Then it is what became of it that the log has, as
    /// notes; otherwise the change itself, which comes to the same each time the log is read.
    default boolean ofTheMoment() {
        return switch (this) {
            case Drop _, Park _, Release _ -> true;
            case Put _, PutAll _, Remove _, CopyFrom _, InStep _ -> false;
        };
    }

    /// Makes a node, or changes the one that is there.
    record Put(NodeAddress node, NodePatch patch) implements NodeChange {}

    /// The same for several at once: all of it or nothing. Nodes that are not in it stay.
    record PutAll(Map<NodeAddress, NodePatch> patches) implements NodeChange {
        public PutAll {
            patches = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(patches));
        }
    }

    /// Removes nodes with their queues.
    record Remove(List<NodeAddress> nodes) implements NodeChange {
        public Remove {
            nodes = List.copyOf(nodes);
        }
    }

    /// Adds a node that is going to get a copy of another one's data, or says so of one that is
    /// there: both are put in maintenance, and the new one gets the writes from where the other one
    /// stands. Leave maintenance when the copy is made.
    record CopyFrom(NodeAddress node, NodePatch patch, NodeAddress source) implements NodeChange {}

    /// Says that a node has all that the others have, whatever was found before.
    record InStep(NodeAddress node) implements NodeChange {}

    /// Takes one write out of a node's queue, or off the list of those it parked: this node never
    /// gets it.
    record Drop(NodeAddress node, long position) implements NodeChange {}

    /// Takes one write out of a node's queue and keeps it aside.
    record Park(NodeAddress node, long position) implements NodeChange {}

    /// Sends a parked write to the node again, out of order.
    record Release(NodeAddress node, long position) implements NodeChange {}

    /// How it went.
    sealed interface Result {
        /// @param created whether a node is new
        /// @param nodes those that were changed, as they are now
        record Done(boolean created, List<Node> nodes) implements Result {
            public Done {
                nodes = List.copyOf(nodes);
            }
        }

        /// There is no such node, or no such write of it.
        record NotFound(String what) implements Result {}

        /// Nothing was changed.
        ///
        /// @param why for people
        record Refused(String why) implements Result {}

        /// It could not be written down: try again.
        record Failed(String why) implements Result {}
    }
}
