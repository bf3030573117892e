package org.svcshare.turn;

import java.util.List;
import java.util.Set;

/// Everything that can happen to a [TurnKeeper].
public sealed interface TurnEvent {

    // The channel.

    /// The bot is in the channel, for the first time or again.
    ///
    /// @param nick its own, as the server confirmed it
    /// @param members everybody in the channel, with or without the bot itself
    record Joined(String nick, Casemapping casemapping, Set<String> members) implements TurnEvent {}

    /// The bot is no longer in the channel: kicked, disconnected, parted.
    record Lost(String why) implements TurnEvent {}

    record MemberJoined(String nick) implements TurnEvent {}

    /// Part, quit or kick of somebody else.
    record MemberLeft(String nick) implements TurnEvent {}

    /// Anybody's change of nick, the bot's own included.
    record Renamed(String from, String to) implements TurnEvent {}

    /// @param direct whether it came privately
    record Heard(String from, boolean direct, PeerMessage message) implements TurnEvent {}

    record Asked(Asker asker, Command command) implements TurnEvent {}

    // The client program.

    record ClientSeen(QueueSnapshot queue) implements TurnEvent {}

    /// The client program did not answer, or not as it should.
    record ClientLost(String why) implements TurnEvent {}

    /// The outcome of [TurnEffect.PauseClient] (`pause`) or [TurnEffect.ResumeClient].
    record ClientSteered(boolean pause, boolean done, String detail) implements TurnEvent {}

    /// The outcome of [TurnEffect.EnqueueClient].
    ///
    /// @param ids what the client took; empty when it failed
    record Enqueued(Asker asker, List<String> ids, String detail) implements TurnEvent {}

    // The gate.

    record GateOpened() implements TurnEvent {}

    /// The gate could not open, for instance because its port is taken.
    record GateFailed(String why) implements TurnEvent {}

    /// @param cut how many connections were cut
    record GateClosed(int cut) implements TurnEvent {}

    /// Sent at every connection that begins or ends and about once a second while any is open.
    ///
    /// @param connections open just now
    /// @param openedTotal how many were ever opened
    /// @param movedBytes moved in all, both directions, since the process started
    record Traffic(int connections, long openedTotal, long movedBytes) implements TurnEvent {}

    /// Somebody tried to connect while the gate was closed.
    record Knocked() implements TurnEvent {}

    // The guard, a lease that an open gate needs; see [TurnSettings#guarded].

    // Each says for which turn it was asked, because an answer may come when that is over.

    /// @param fence the fencing token: higher with every grant
    record GuardGranted(long turn, long fence) implements TurnEvent {}

    /// Somebody else has it, or nobody knows yet; comes as often as that is found out.
    ///
    /// @param why what it waits for, such as "held by ss-ben"; for people
    record GuardAwaited(long turn, String why) implements TurnEvent {}

    /// It was granted and is no more, or it cannot be had at all.
    record GuardLost(long turn, String why) implements TurnEvent {}

    // The lock pools.

    /// The outcome of [TurnEffect.AskPools].
    record PoolsAnswered(Asker asker, PoolNews news) implements TurnEvent {}

    /// Something has happened to a lock that was taken in the channel.
    ///
    /// @param nick whose it is or was
    record PoolCalled(String nick, PoolCall call) implements TurnEvent {}

    // The group.

    /// The outcome of [TurnEffect.AskGroup].
    record GroupAnswered(Asker asker, GroupNews news) implements TurnEvent {}

    // The copies of the service.

    /// The outcome of [TurnEffect.AskReplicas].
    record ReplicasAnswered(Asker asker, ReplicaNews news) implements TurnEvent {}

    // The process.

    record TimerFired(Timer timer) implements TurnEvent {}

    /// The process wants to end: give up the turn, say goodbye.
    record Stopping() implements TurnEvent {}
}
