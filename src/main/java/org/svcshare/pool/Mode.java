package org.svcshare.pool;

/// How a ticket shares its pool with others.
public enum Mode {
    /// Takes a slot for itself.
    EXCLUSIVE,
    /// All shared tickets held at one time take one slot together.
    SHARED
}
