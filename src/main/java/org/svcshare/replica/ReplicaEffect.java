package org.svcshare.replica;

/// What is to be done, in this order.
public sealed interface ReplicaEffect {
    /// Send a write to a node, behind those that it was sent before.
    ///
    /// @param again whether it may have got it before
    record Send(NodeAddress node, long position, boolean again) implements ReplicaEffect {}

    /// Forget what was sent to a node and not answered; close the connection.
    record Recall(NodeAddress node) implements ReplicaEffect {}

    /// Tell the client of a write.
    record Tell(long position, Reply reply) implements ReplicaEffect {}

    /// A node has all writes up to a position: never send it those again, whatever happens.
    record Passed(NodeAddress node, long position) implements ReplicaEffect {}

    /// A node has refused a write: remember that beside how far it is, before it is further, until
    /// [Settled]. The log says it later.
    ///
    /// @param digest of the answer's body where bodies are compared; 0 otherwise
    record Refused(NodeAddress node, long position, int status, long digest)
            implements ReplicaEffect {}

    /// What follows from a refusal is in the log.
    record Settled(NodeAddress node, long position) implements ReplicaEffect {}

    /// Keep this in the log, behind what was to be kept before, and tell when it is there
    /// ([ReplicaEvent.Kept]).
    record Keep(ReplicaNote note) implements ReplicaEffect {}

    /// Somebody should know.
    ///
    /// @param what one line
    record Report(NodeAddress node, String what) implements ReplicaEffect {}
}
