package org.svcshare.cli;

/// What happens while a command runs under a lock.
sealed interface RunEvent {
    /// @param name without `SIG`
    record Caught(String name, int number) implements RunEvent {}

    /// @param code as a shell has it
    record Ended(int code) implements RunEvent {}

    /// Something about the lock has changed.
    record Woken() implements RunEvent {}
}
