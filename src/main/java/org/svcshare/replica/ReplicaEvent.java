package org.svcshare.replica;

/// What happens to the replicas.
public sealed interface ReplicaEvent {
    /// A write is in the log, so that it will not get lost.
    ///
    /// @param position in the log, above all before
    /// @param awaited whether a client waits for its answer
    record Written(long position, long sizeBytes, boolean awaited) implements ReplicaEvent {}

    /// A node has answered a write that it was sent.
    ///
    /// @param status 200 to 599
    /// @param digest of the answer's body where bodies are compared; 0 otherwise
    /// @param gone whether it was to remove something and found nothing: of a write that it may
    ///   have got before, that is a success
    record Answered(NodeAddress node, long position, int status, long digest, boolean gone)
            implements ReplicaEvent {}

    /// The connection to a node is gone with all that was sent over it and not answered, or could
    /// not be had.
    ///
    /// @param why one line for people
    record Lost(NodeAddress node, String why) implements ReplicaEvent {}

    /// A node can be asked.
    record Up(NodeAddress node) implements ReplicaEvent {}

    /// A node cannot be asked.
    record Down(NodeAddress node, String why) implements ReplicaEvent {}

    /// An operator's change is in the log.
    record Changed(NodeChange change, long position) implements ReplicaEvent {}

    /// What was to be kept is in the log, or cannot be got there.
    ///
    /// @param note the very one of [ReplicaEffect.Keep]
    record Kept(ReplicaNote note) implements ReplicaEvent {}

    /// Something that was due may be so now.
    record Tick() implements ReplicaEvent {}
}
