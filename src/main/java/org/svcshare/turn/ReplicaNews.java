package org.svcshare.turn;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What became of a [ReplicaWish]. Names and reasons are others' words, of any characters.
public sealed interface ReplicaNews {

    /// How a node stands to the writes.
    enum State {
        IN_STEP("in step"),
        CATCHING_UP("catching up"),
        BEHIND("behind"),
        OUT_OF_STEP("out of step"),
        INACTIVE("inactive");

        private final String words;

        State(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /// @param up whether it answered when it was last asked
    /// @param writes how many it has yet to get
    /// @param oldest when the oldest of them came
    /// @param parked how many it refused
    /// @param why of the state; may be empty
    record Row(
            String node,
            State state,
            boolean maintenance,
            boolean up,
            long writes,
            Optional<Instant> oldest,
            int parked,
            String why) {}

    /// @param trouble why no writes are taken; empty while they are
    record Nodes(List<Row> rows, String trouble) implements ReplicaNews {}

    /// A node is left alone now, or is not any longer.
    record Maintained(String node, boolean on) implements ReplicaNews {}

    record NoSuchNode(String node) implements ReplicaNews {}

    /// There are no copies here.
    record NoReplicas() implements ReplicaNews {}

    /// Nothing was done.
    ///
    /// @param why a sentence without its end
    record NotDone(String node, String why) implements ReplicaNews {}
}
