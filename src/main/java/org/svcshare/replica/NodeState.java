package org.svcshare.replica;

/// How a node stands to the writes.
public enum NodeState {
    /// It has every write, or will as soon as it answers.
    IN_STEP,

    /// It is given writes that it missed.
    CATCHING_UP,

    /// It has missed writes and gets none now: it is away, in maintenance, or refuses for the time
    /// being.
    BEHIND,

    /// It missed writes for good, or answered one differently from the others.
    OUT_OF_STEP,

    /// It takes no part.
    INACTIVE
}
