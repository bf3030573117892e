package org.svcshare.cluster;

import java.nio.ByteBuffer;
import org.svcshare.engine.Bytes;
import org.svcshare.pool.GroupChange;

/// One node of the group's configuration.
///
/// @param priority 1 to 14, the smaller the rather it leads; or [GroupChange#OFF]
record Member(ClusterPeer peer, int priority) {
    String id() {
        return peer.id();
    }

    boolean off() {
        return priority >= GroupChange.OFF;
    }

    boolean sameAddress(Member other) {
        boolean samePort =
                peer.raftPort() == other.peer.raftPort()
                        || peer.raftPort() == other.peer.handoverPort()
                        || peer.handoverPort() == other.peer.raftPort()
                        || peer.handoverPort() == other.peer.handoverPort();
        return samePort && peer.host().equalsIgnoreCase(other.peer.host());
    }

    static Member of(GroupChange.NewNode node, int priority) {
        return new Member(ClusterPeer.at(node.name(), node.host(), node.port()), priority);
    }

    void write(Bytes to) {
        to.text(peer.id()).text(peer.host()).i32(peer.raftPort()).i32(peer.handoverPort());
        to.u8(priority);
    }

    /// @throws RuntimeException when the bytes are none of a member
    static Member read(ByteBuffer from) {
        return new Member(
                new ClusterPeer(Bytes.text(from), Bytes.text(from), from.getInt(), from.getInt()),
                from.get());
    }
}
