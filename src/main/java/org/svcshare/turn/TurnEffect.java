package org.svcshare.turn;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a [TurnKeeper] wants done, in the order in which it was returned.
public sealed interface TurnEffect {

    /// @param to a nick, or null for the channel
    record Send(@Nullable String to, PeerMessage message) implements TurnEffect {}

    /// Text for people.
    ///
    /// @param to a nick, or null for the channel
    record Say(@Nullable String to, String text, Weight weight) implements TurnEffect {}

    /// How much a text matters when lines have to wait for the server's patience.
    enum Weight {
        /// Part of an election.
        ELECTION,
        /// Somebody asked.
        ANSWER,
        /// Nobody asked.
        CHATTER
    }

    /// Answered by [TurnEvent.GateOpened] or [TurnEvent.GateFailed].
    record OpenGate(long turn) implements TurnEffect {}

    /// Take no new connections, wait for the open ones, then close.
    ///
    /// Answered by [TurnEvent.GateClosed].
    ///
    /// @param limit after this the open ones are cut
    record DrainGate(Duration limit) implements TurnEffect {}

    /// Cut everything now; answered by [TurnEvent.GateClosed], also when the gate was not open.
    record CloseGate() implements TurnEffect {}

    /// Answered by [TurnEvent.ClientSteered].
    record PauseClient() implements TurnEffect {}

    /// Answered by [TurnEvent.ClientSteered].
    record ResumeClient() implements TurnEffect {}

    /// Answered by [TurnEvent.Enqueued].
    record EnqueueClient(Asker asker, List<String> ids) implements TurnEffect {}

    /// Ask the client for its queue now instead of at the next poll.
    record AskClient() implements TurnEffect {}

    /// Wait for the lease that an open gate needs, until [ReleaseGuard]. Answered by
    /// [TurnEvent.GuardAwaited], any number of times, [TurnEvent.GuardGranted], and when it is over
    /// by itself [TurnEvent.GuardLost].
    record AcquireGuard(long turn) implements TurnEffect {}

    /// Give the lease back, or wait for it no longer. Comes once for each [AcquireGuard], and only
    /// when the gate is closed.
    record ReleaseGuard() implements TurnEffect {}

    /// Answered by [TurnEvent.PoolsAnswered], and later perhaps by [TurnEvent.PoolCalled].
    record AskPools(Asker asker, PoolWish wish) implements TurnEffect {}

    /// Answered by [TurnEvent.GroupAnswered].
    record AskGroup(Asker asker, GroupWish wish) implements TurnEffect {}

    /// Answered by [TurnEvent.ReplicasAnswered].
    record AskReplicas(Asker asker, ReplicaWish wish) implements TurnEffect {}

    record StartTimer(Timer timer, Duration delay) implements TurnEffect {}

    record CancelTimer(Timer timer) implements TurnEffect {}

    /// Change the bot's own nick.
    record Rename(String nick) implements TurnEffect {}

    /// Something worth remembering: for the history, hooks, the ledger, the reporter.
    record Note(Happening happening) implements TurnEffect {}

    /// Write this to disk before anything that follows in the list is done.
    record Keep(KeptState state) implements TurnEffect {}

    /// After [TurnEvent.Stopping]: everything is said and closed, the process may end.
    record Stopped() implements TurnEffect {}
}
