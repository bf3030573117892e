package org.svcshare.turn;

import java.time.Duration;
import java.util.List;

/// What people can ask a bot to do, already parsed and allowed.
public sealed interface Command {

    /// @param quietWhenIdle true for the channel's `.status`, which only bots with connections
    ///   answer
    record Status(boolean quietWhenIdle) implements Command {}

    record Version() implements Command {}

    /// `election`, `resume`, `continue`.
    record Election() implements Command {}

    /// @param ids at least one, each one word
    record Enqueue(List<String> ids) implements Command {}

    /// @param allotmentMb not negative; 0 resumes without an allotment
    record Force(long allotmentMb) implements Command {}

    /// @param length zero means until `unhalt`
    record Halt(Duration length) implements Command {}

    record Unhalt() implements Command {}

    record Pause() implements Command {}

    record Nick(String nick) implements Command {}

    record Why() implements Command {}

    record Who() implements Command {}

    record Queue() implements Command {}

    /// Ask for the next turn, or take that back.
    record Next(boolean cancel) implements Command {}

    /// @param entries how many, newest last, 1 to 20
    record History(int entries) implements Command {}

    /// Something about the lock pools; that the asker may wish for it was checked.
    record Pools(PoolWish wish) implements Command {}

    /// Something about the group and its store; that the asker may wish for it was checked.
    record Group(GroupWish wish) implements Command {}

    /// Something about the copies of the service; that the asker may wish for it was checked.
    record Replicas(ReplicaWish wish) implements Command {}
}
