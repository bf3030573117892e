package org.svcshare.pool;

/// Why a group was not changed.
public enum GroupRefusal {
    /// Nobody leads just now, or nobody who leads can be reached: try again.
    NO_LEADER,
    /// It may have been changed all the same: look.
    PERHAPS_DONE,
    UNKNOWN_NODE,
    /// A node of this name, or at this address, is there already.
    NODE_EXISTS,
    /// Another change is under way.
    CHANGING,
    /// Nobody would be left.
    LAST_NODE,
    /// Too few of those that would be left can be reached.
    NO_MAJORITY,
    /// Too few would be left who may lead.
    TOO_MANY_OFF,
    /// This node may not lead, or others should rather.
    NOT_FIRST,
    /// There are as many as there may be.
    TOO_MANY_NODES,
    /// The node does not answer.
    NOT_REACHED,
    /// The node was part of a group before, this one or another.
    NOT_NEW,
    /// The new node does not have everything yet.
    NOT_CAUGHT_UP
}
