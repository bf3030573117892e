package org.svcshare.turn;

/// The timers a [TurnKeeper] starts. At most one of each runs; starting it again replaces it.
public enum Timer {
    /// The look at the queue soon after the first join, an enqueue, or somebody's last connection.
    SOON_CHECK,
    /// The periodic look at the queue.
    QUEUE_CHECK,
    /// The periodic look whether an empty queue has filled.
    TRANSITION,
    /// The periodic look at connections and force.
    CONNECTIONS,
    /// End of the technical halt after a join.
    UNHALT,
    /// End of a timed halt.
    HALT_END,
    /// The running election of generation 2 must be counted.
    ELECTION,
    /// The running election of generation 1 must be complete.
    LEGACY_ELECTION,
    /// Who kept silent in an election of generation 1 must have shown that it lives.
    PROBE,
    /// The winner must have shown itself.
    RESULT,
    /// The previous holder must have closed.
    HANDOVER,
    /// The pause before the gate opens.
    QUIET,
    /// The look whether a turn is used up.
    LINGER,
    /// The longest turn while somebody else waits.
    TURN_MAX
}
