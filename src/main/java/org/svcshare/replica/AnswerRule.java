package org.svcshare.replica;

/// When the client of a write is answered.
public enum AnswerRule {
    /// When one node has answered.
    FIRST,

    /// When more than half of the nodes that can be asked now have answered alike.
    MAJORITY,

    /// When every active node has answered alike, except those in maintenance.
    ALL
}
