package org.svcshare.replica;

import java.util.List;
import java.util.Optional;

/// What has become of writes, as the log keeps it beside writes and changes.
public sealed interface ReplicaNote {
    /// What the nodes agreed on.
    record Agreed(long position, int status) implements ReplicaNote {}

    /// A node does not get a write for now: it refused it.
    ///
    /// @param status what it answered
    /// @param sizeBytes of the body
    record Parked(
            NodeAddress node, long position, int status, String why, long sizeBytes, long atMs)
            implements ReplicaNote {}

    /// A write that was parked has been taken by the node after all.
    record Taken(NodeAddress node, long position) implements ReplicaNote {}

    /// A node does not have what the others have.
    record OutOfStep(NodeAddress node, String why) implements ReplicaNote {}

    /// A node never gets a write of its queue.
    record Skipped(NodeAddress node, long position) implements ReplicaNote {}

    /// How far a node had come when something about it was changed: a log alone does not say.
    record Came(NodeAddress node, long position) implements ReplicaNote {}

    /// All that is known, as it stands: it comes first when a log is read.
    ///
    /// @param at the last position whose changes and notes are in it
    /// @param lastWrite the position of the last write before
    /// @param agreed outcomes of writes that some node has yet to get
    record Image(long at, long lastWrite, List<LaneImage> lanes, List<Agreed> agreed)
            implements ReplicaNote {
        public Image {
            lanes = List.copyOf(lanes);
            agreed = List.copyOf(agreed);
        }
    }

    /// One node.
    ///
    /// @param since where in the log it was made: tells it from an older one at the same address
    /// @param passed the position up to which it has every write
    /// @param outOfStep why it does not have what the others have; empty if it has
    /// @param skipped positions above `passed` that it never gets
    /// @param copyOf whose data is being copied to it
    record LaneImage(
            Node node,
            long since,
            long passed,
            String outOfStep,
            List<Long> skipped,
            List<Parked> parked,
            Optional<NodeAddress> copyOf) {
        public LaneImage {
            skipped = List.copyOf(skipped);
            parked = List.copyOf(parked);
        }
    }
}
