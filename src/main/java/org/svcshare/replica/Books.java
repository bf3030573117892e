package org.svcshare.replica;

import java.util.TreeMap;
import java.util.function.Consumer;

/// What is known: the nodes, the writes that some of them have yet to get, and what was said to
/// those.
final class Books {
    final Lanes lanes;
    final Writes writes = new Writes();

    /// Those that a client waits for, or whose outcome is not known while a node has answered.
    final TreeMap<Long, Course> courses = new TreeMap<>();

    /// What none may pass by before it is kept.
    final Unkept unkept = new Unkept();

    /// When the event at hand happened.
    long nowMs;

    Books(Consumer<ReplicaEffect> effects) {
        lanes = new Lanes(effects);
    }

    /// How many writes a node has yet to get.
    long behind(Lane lane) {
        return lane.node.active() ? writes.next() - 1 - lane.passed : 0;
    }
}
