package org.svcshare.cluster;

import java.util.List;
import org.svcshare.pool.GroupChange;
import org.svcshare.pool.GroupRefusal;
import org.svcshare.pool.GroupView;

/// What one node asks another about the group, and what it hears; see [Questions].
sealed interface Question {
    /// Who are you, and of what group do you know?
    record Who() implements Question {}

    /// How do you see the group? Asked of the leader.
    record Look() implements Question {}

    /// Up to which entry the node has the log.
    record HowFar() implements Question {}

    /// @param handOn whether who does not lead brings it to the one who does
    record Change(GroupChange change, boolean handOn) implements Question {}

    /// The leader's word to a node that it is about to add: begin, with nothing.
    record Welcome(String node) implements Question {}

    /// The leader's word to a node that was removed.
    ///
    /// @param index of the log's entry that did it
    record Farewell(long index) implements Question {}

    sealed interface Reply {
        /// @param founders of which nodes its settings say that they found the group
        /// @param members of which nodes the group is; empty where it knows of none
        /// @param index of the log's entry that says so
        /// @param settled whether that entry is decided, and no other on its way
        record Me(
                String node,
                Stage stage,
                int priority,
                List<ClusterPeer> founders,
                List<Member> members,
                long index,
                boolean settled)
                implements Reply {
            public Me {
                founders = List.copyOf(founders);
                members = List.copyOf(members);
            }

            boolean knows(String name) {
                return members.stream().anyMatch(member -> member.id().equals(name));
            }
        }

        record Seen(GroupView view) implements Reply {}

        /// @param term of the last entry; below 0: it has none
        record Far(long term, long index) implements Reply {}

        record Done() implements Reply {}

        /// @param priority that the new node's settings want for it
        record Welcomed(int priority) implements Reply {}

        record Refused(GroupRefusal refusal, String why) implements Reply {}
    }

    /// How far a node has come.
    enum Stage {
        /// Its folder has nothing: it never was here before, or has lost it.
        EMPTY,
        /// Surely never was in the group; see [NodeFile].
        NEW,
        MEMBER,
        REMOVED
    }
}
