package org.svcshare.pool;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A group as one of its nodes sees it.
///
/// @param name of the group
/// @param self the node that was asked
/// @param leader empty while nobody leads, as far as this node knows
/// @param term counts elections
/// @param ready whether the asked node takes operations
/// @param why if it is not ready, for people; otherwise empty
/// @param fromLeader whether the leader told what is said of the nodes
/// @param waiting how many requests wait at the asked node for the leader
/// @param changing what is being changed just now, for people; otherwise empty
/// @param nodes by name
public record GroupView(
        String name,
        String id,
        String self,
        Optional<String> leader,
        long term,
        boolean ready,
        String why,
        boolean fromLeader,
        int waiting,
        String changing,
        List<Node> nodes) {

    public GroupView {
        nodes = List.copyOf(nodes);
    }

    /// How many nodes were heard a moment ago, the telling one too.
    public int reachable() {
        return (int) nodes.stream().filter(Node::reachable).count();
    }

    /// How many have to be there for anything to be taken.
    public int majority() {
        long members = nodes.stream().filter(node -> node.role() != Role.JOINING).count();
        return (int) members / 2 + 1;
    }

    public enum Role {
        LEADER,
        FOLLOWER,
        /// Gets what the others have, and does not count yet.
        JOINING
    }

    /// One node. Numbers of log entries are empty where they are not known.
    ///
    /// @param address `host:port` for the log
    /// @param handover `host:port` for handing over
    /// @param priority 1 to 14, or [GroupChange#OFF]
    /// @param reachable whether it was heard a moment ago
    /// @param heardMs how long ago it was heard; empty where not at all
    /// @param match up to which entry it has the leader's log
    /// @param commit up to which entry it knows that a majority has it
    /// @param applied up to which entry its table is made
    /// @param lag how many entries the leader has more
    public record Node(
            String name,
            String address,
            String handover,
            int priority,
            Role role,
            boolean reachable,
            OptionalLong heardMs,
            OptionalLong match,
            OptionalLong commit,
            OptionalLong applied,
            OptionalLong lag) {}
}
