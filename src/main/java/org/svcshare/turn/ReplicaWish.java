package org.svcshare.turn;

/// What somebody in the channel wants of the copies of the service behind the proxy.
public sealed interface ReplicaWish {

    /// How they are doing.
    record Nodes() implements ReplicaWish {}

    /// @param node as it was said: `host:port`, or the host alone where one node has it
    /// @param on whether it is to be left alone
    record Maintenance(String node, boolean on) implements ReplicaWish {}
}
